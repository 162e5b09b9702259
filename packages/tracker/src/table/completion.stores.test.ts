/** @file Keys and values for completion, on each database: counted only within the requested scope. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { addProject } from "../tracking/projects.ts";
import { addTrackedRun, changeTrackedRun } from "../tracking/runs.ts";
import type { TableScope } from "./column.ts";
import { createCompletion, readColumns, readColumnValues } from "./completion.ts";

const everywhere: TableScope = { projects: null, readable: null, stage: "active" };

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  /** Six runs in project 0, one of them deleted, and one in another project. */
  async function store(): Promise<Database> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    await database.transaction(async (transaction) => {
      const other = { name: "other", artifactRoot: null, tags: [], nowMs: 1 };
      const { number: elsewhere } = await addProject(transaction, other);
      for (let at = 0; at < 7; at++) {
        const about = {
          client: "api",
          person: "",
          purpose: "experiment",
          fingerprint: null,
          family: null,
        } as const;
        const project = at === 6 ? elsewhere : 0;
        const more = {
          id: `r${at}`,
          name: `n${at % 2}`,
          status: "running",
          startedMs: at,
          tags: [],
          project,
        } as const;
        const { id, number } = await addTrackedRun(transaction, { ...about, ...more });
        const point = (key: string) => ({ key, value: at % 3, step: 1, ms: 1 });
        const metrics =
          at === 6 ? [point("hidden")] : at < 2 ? [point("loss"), point("Eval/Loss")] : [point("loss")];
        const params = [{ key: at === 6 ? "hidden" : "lr", value: at % 2 === 0 ? "0.10" : "0.2" }];
        const tags = at === 0 ? [{ key: "'; --", value: "x" }] : [];
        await logBatch(transaction, id, { metrics, params, tags }, 1);
        if (at === 5) await changeTrackedRun(transaction, number, { stage: "deleted" });
      }
    });
    return database;
  }

  it("lists columns, the most common first", async () => {
    const database = await store();
    const list = async (scope: TableScope, search = "", limit = 10) => {
      const { columns, more } = await readColumns(database, { scope, search, limit });
      return [columns.map(({ column, runs }) => `${column.of} ${column.key} ${runs}`).join(", "), more];
    };
    const own = { ...everywhere, projects: [0] };
    expect(await list(own)).toEqual(["metric loss 5, param lr 5, metric Eval/Loss 2, tag '; -- 1", false]);
    expect(await list(own, "", 2)).toEqual(["metric loss 5, param lr 5", true]);
    expect(await list(own, "LOSS")).toEqual(["metric loss 5, metric Eval/Loss 2", false]);
    expect(await list({ ...own, stage: "deleted" })).toEqual(["metric loss 1, param lr 1", false]);
    const readable = { sql: "projects.name = ?", values: ["other"] };
    expect(await list({ ...everywhere, readable })).toEqual(["metric hidden 1, param hidden 1", false]);
    expect(await list({ ...own, readable })).toEqual(["", false]);
    expect((await list(everywhere))[0]).toContain("hidden");
  });

  it("lists values of a column that begin with a text", async () => {
    const database = await store();
    const scope = { ...everywhere, projects: [0] };
    const values = async (
      column: Parameters<typeof readColumnValues>[1]["column"],
      prefix = "",
      limit = 10,
    ) =>
      (await readColumnValues(database, { scope, column, prefix, limit })).map(({ value, runs }) => [
        value,
        runs,
      ]);
    expect(await values({ of: "param", key: "lr" })).toEqual([
      ["0.10", 3],
      ["0.2", 2],
    ]);
    expect(await values({ of: "param", key: "lr" }, "0.2")).toEqual([["0.2", 2]]);
    expect(await values({ of: "attribute", name: "name" }, "", 1)).toEqual([["n0", 3]]);
    expect(await values({ of: "metric", key: "loss" }, "2")).toEqual([[2, 1]]);
    expect(await values({ of: "param", key: "hidden" })).toEqual([]);
    expect(await values({ of: "tag", key: "'; --" })).toEqual([["x", 1]]);
  });

  it("remembers answers until something changes", async () => {
    const database = await store();
    let questions = 0;
    const counted = {
      ...database,
      all: (sql: string, ...values: (string | number | null)[]) => {
        if (sql.includes("GROUP BY")) questions++;
        return database.all(sql, ...values);
      },
    };
    const completion = createCompletion(counted);
    const ask = () => completion.columns({ scope: { ...everywhere, projects: [0] }, search: "", limit: 10 });
    const first = await ask();
    await ask();
    await database.transaction((transaction) =>
      logBatch(transaction, "r0", { metrics: [], params: [{ key: "new", value: "" }], tags: [] }, 1),
    );
    const second = await ask();
    expect(second.columns.length).toBe(first.columns.length + 1);
    // On PostgreSQL, concurrent writes may change the revision.
    if (database.dialect.name === "sqlite") expect(questions).toBe(6);
  });
});
