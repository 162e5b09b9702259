/** @file Data logged by clients, on each database: projects, runs, batches, searches, histories. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { readChart } from "../points/chart.ts";
import { readPoints } from "../points/history.ts";
import type { Point } from "../points/point.ts";
import { readDocuments } from "./documents.ts";
import { dropProjectTag, dropTag, putTags } from "./facts.ts";
import { logBatch } from "./log-batch.ts";
import { addProject, changeProject, findProject, listProjects } from "./projects.ts";
import { type RunCondition, type RunField, searchRuns } from "./run-search.ts";
import { addTrackedRun, changeTrackedRun, findTrackedRun } from "./runs.ts";
import type { LogBatch, NewRun } from "./types.ts";
import { createWriter, type Write } from "./writer.ts";

const startMs = Date.UTC(2026, 10, 25);
const empty: LogBatch = { metrics: [], params: [], tags: [] };

function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  return {
    id,
    project: 0,
    name: `run ${id}`,
    status: "running",
    client: "mlflow",
    person: "ada",
    purpose: "experiment",
    startedMs: startMs,
    fingerprint: null,
    family: null,
    tags: [],
    ...more,
  };
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(...ids: string[]): Promise<{ database: Database; write: Write }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    for (const id of ids) await write((transaction) => addTrackedRun(transaction, newRun(id)));
    return { database, write };
  }

  async function document(database: Database, write: Write, id: string): Promise<string> {
    const { number } = await findTrackedRun(database, id);
    return `{${(await readDocuments(database, write, [number])).get(number)}}`;
  }

  it("keeps projects, their tags and their names", async () => {
    const { database, write } = await store();
    expect(await findProject(database, { number: 0 })).toMatchObject({ name: "Default", stage: "active" });
    const tags = [{ key: "team", value: "search" }];
    const about = { name: "tickets", artifactRoot: null, tags, nowMs: startMs };
    const made = await write((transaction) => addProject(transaction, about));
    expect(await findProject(database, { name: "tickets" })).toEqual(made);
    await expect(write((transaction) => addProject(transaction, about))).rejects.toMatchObject({
      code: "PROJECT_EXISTS",
    });
    await write((transaction) => changeProject(transaction, made.number, { stage: "deleted" }, startMs + 1));
    await expect(write((transaction) => addProject(transaction, about))).rejects.toMatchObject({
      code: "PROJECT_EXISTS",
      params: { stage: "deleted", number: made.number },
    });
    await expect(
      write((transaction) => changeProject(transaction, made.number, { name: "Default" }, startMs)),
    ).rejects.toMatchObject({ code: "PROJECT_EXISTS" });
    const drop = () => write((transaction) => dropProjectTag(transaction, made.number, "none"));
    expect(await drop()).toBe(false);
    const list = { conditions: [], order: [], limit: 10, offset: 0 };
    expect((await listProjects(database, { ...list, stages: ["active"] })).map(({ name }) => name)).toEqual([
      "Default",
    ]);
    expect((await listProjects(database, { ...list, stages: ["deleted"] }))[0]).toMatchObject({
      tags: { team: "search" },
    });
  });

  it("keeps runs and what changes about them", async () => {
    const { database, write } = await store("a");
    expect(await findTrackedRun(database, "a")).toMatchObject({
      name: "run a",
      stage: "active",
      endedMs: null,
      spentMicroUsd: 0,
    });
    await expect(write((transaction) => addTrackedRun(transaction, newRun("a")))).rejects.toMatchObject({
      code: "RUN_EXISTS",
    });
    await expect(findTrackedRun(database, "b")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    const { number } = await findTrackedRun(database, "a");
    await write((transaction) =>
      changeTrackedRun(transaction, number, { status: "completed", endedMs: startMs + 5 }),
    );
    expect(await findTrackedRun(database, "a")).toMatchObject({
      status: "completed",
      endedMs: startMs + 5,
      name: "run a",
    });
  });

  it("shows what a run logged as it stands, whatever was asked before", async () => {
    const { database, write } = await store("a");
    const log = (batch: Partial<LogBatch>) =>
      write((transaction) => logBatch(transaction, "a", { ...empty, ...batch }, startMs));
    expect(await document(database, write, "a")).toBe('{"metrics":[],"params":[],"tags":[]}');
    await log({
      metrics: [
        { key: "loss", step: 2, ms: 20, value: 0.5 },
        { key: "loss", step: 10, ms: 5, value: Number.NaN },
        { key: "loss", step: 9, ms: 90, value: 7 },
      ],
      params: [{ key: "lr", value: '1e-3 "quoted"\n' }],
      tags: [{ key: "b", value: "1" }],
    });
    expect(JSON.parse(await document(database, write, "a"))).toEqual({
      metrics: [{ key: "loss", value: "NaN", timestamp: 5, step: 10 }],
      params: [{ key: "lr", value: '1e-3 "quoted"\n' }],
      tags: [{ key: "b", value: "1" }],
    });
    await log({
      tags: [
        { key: "a", value: "x" },
        { key: "b", value: "2" },
      ],
      metrics: [{ key: "loss", step: 11, ms: 0, value: Number.NEGATIVE_INFINITY }],
    });
    expect(JSON.parse(await document(database, write, "a"))).toMatchObject({
      metrics: [{ value: "-Infinity", step: 11 }],
      tags: [
        { key: "a", value: "x" },
        { key: "b", value: "2" },
      ],
    });
  });

  it("refuses another value of a parameter, and then writes nothing of the batch", async () => {
    const { database, write } = await store("a");
    const log = (batch: Partial<LogBatch>) =>
      write((transaction) => logBatch(transaction, "a", { ...empty, ...batch }, startMs));
    await log({ params: [{ key: "lr", value: "1" }] });
    await log({
      params: [
        { key: "lr", value: "1" },
        { key: "rank", value: "8" },
      ],
    });
    const tags = [{ key: "seen", value: "yes" }];
    await expect(log({ params: [{ key: "lr", value: "2" }], tags })).rejects.toMatchObject({
      code: "PARAM_CHANGED",
      params: { key: "lr", before: "1", value: "2" },
    });
    await expect(
      log({
        params: [
          { key: "new", value: "1" },
          { key: "new", value: "2" },
        ],
      }),
    ).rejects.toMatchObject({ code: "PARAM_CHANGED" });
    expect(JSON.parse(await document(database, write, "a"))).toMatchObject({
      params: [{ key: "lr" }, { key: "rank" }],
      tags: [],
    });
    const { number } = await findTrackedRun(database, "a");
    await write((transaction) =>
      changeTrackedRun(transaction, number, { stage: "deleted", deletedMs: startMs }),
    );
    await expect(log({ tags })).rejects.toMatchObject({ code: "RUN_DELETED" });
  });

  it("undoes a failing write alone, with others of its group kept", async () => {
    const { database, write } = await store("a", "b");
    const tags = [{ key: "k", value: "v" }];
    const results = await Promise.allSettled([
      write((transaction) => logBatch(transaction, "a", { ...empty, tags }, startMs)),
      write(async (transaction) => {
        await putTags(transaction, 2, [{ key: "half", value: "done" }]);
        throw new Error("no");
      }),
      write((transaction) => logBatch(transaction, "b", { ...empty, tags }, startMs)),
      write((transaction) => logBatch(transaction, "ghost", { ...empty, tags }, startMs)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
    expect(JSON.parse(await document(database, write, "b"))).toMatchObject({ tags });
    expect(await write((transaction) => dropTag(transaction, 2, "k"))).toBe(true);
    expect(await write((transaction) => dropTag(transaction, 2, "k"))).toBe(false);
  });

  it("pages through a history, and a batch sent again changes nothing", async () => {
    const { database, write } = await store("a");
    const metrics = Array.from({ length: 700 }, (__, at) => ({
      key: "loss",
      step: Math.floor(at / 3),
      ms: at % 2,
      value: [at, Number.NaN, Number.POSITIVE_INFINITY, 1e-300][at % 4] as number,
    }));
    for (let time = 0; time < 2; time++) {
      await write((transaction) => logBatch(transaction, "a", { ...empty, metrics }, startMs));
    }
    const about = { run: 1, key: "loss" };
    const all = await readPoints(database, about, { limit: 10_000, after: null });
    const distinct = new Set(metrics.map(({ step, ms, value }) => `${step} ${ms} ${value}`));
    expect(all).toHaveLength(distinct.size);
    const paged: Point[] = [];
    for (let page: Point[] = []; paged.length < all.length; paged.push(...page)) {
      page = await readPoints(database, about, { limit: 97, after: paged.at(-1) ?? null });
      expect(page.length).toBeGreaterThan(0);
    }
    expect(paged).toEqual(all);
  });

  it("draws long series without losing an extreme, whole and in part, on both axes", async () => {
    const { database, write } = await store("a");
    const points = Array.from({ length: 40_000 }, (__, step) => ({
      key: "loss",
      step,
      ms: startMs + 10 * step,
      value: step === 17_001 ? 99 : step === 30_005 ? -99 : Math.sin(step / 900),
    }));
    for (let from = 0; from < points.length; from += 1000) {
      const metrics = points.slice(from, from + 1000);
      await write((transaction) => logBatch(transaction, "a", { ...empty, metrics }, startMs));
    }
    const about = { run: 1, key: "loss" };
    for (const axis of ["step", "ms"] as const) {
      const whole = await readChart(database, about, { axis, places: 500 });
      expect(whole.length).toBeLessThanOrEqual(2000);
      expect(whole.map(({ value }) => value)).toEqual(expect.arrayContaining([99, -99]));
      expect([whole[0]?.step, whole.at(-1)?.step]).toEqual([0, 39_999]);
      expect(new Set(whole.map((point) => point.step)).size).toBe(whole.length);
      const [from, to] = axis === "step" ? [16_990, 17_010] : [startMs + 169_900, startMs + 170_100];
      const part = await readChart(database, about, { axis, places: 500, from, to });
      expect(part.map(({ step }) => step)).toEqual(Array.from({ length: 21 }, (__, at) => 16_990 + at));
    }
    expect(await readChart(database, { run: 1, key: "none" }, { axis: "step", places: 5 })).toEqual([]);
  });

  const field = {
    loss: { of: "metric", key: "loss" },
    lr: { of: "param", key: "lr" },
    team: { of: "tag", key: "team" },
    status: { of: "run", column: "status" },
    start: { of: "run", column: "started_ms" },
  } as const satisfies Record<string, RunField>;
  const searches: [string, RunCondition[], string][] = [
    ["all", [], "edcba"],
    ["a metric", [{ field: field.loss, comparison: "<", values: [2] }], "ba"],
    ["an infinite metric", [{ field: field.loss, comparison: ">", values: [1e300] }], "c"],
    ["NaN fits nothing", [{ field: field.loss, comparison: ">=", values: [0] }], "cba"],
    ["a parameter", [{ field: field.lr, comparison: "=", values: ["1e-3"] }], "ca"],
    ["not a parameter", [{ field: field.lr, comparison: "!=", values: ["1e-3"] }], "b"],
    ["case heeded", [{ field: field.team, comparison: "LIKE", values: ["%earch_"] }], "a"],
    ["case not heeded", [{ field: field.team, comparison: "ILIKE", values: ["%SEARCH_"] }], "ba"],
    ["marks of the other database", [{ field: field.team, comparison: "LIKE", values: ["*"] }], ""],
    ["a list", [{ field: field.status, comparison: "IN", values: ["failed", "killed"] }], "d"],
    ["not in a list", [{ field: field.status, comparison: "NOT IN", values: ["failed", "killed"] }], "ecba"],
    ["missing", [{ field: field.lr, comparison: "IS NULL", values: [] }], "ed"],
    ["there", [{ field: field.lr, comparison: "IS NOT NULL", values: [] }], "cba"],
    [
      "hostile words",
      [{ field: { of: "param", key: "' OR 1=1 --" }, comparison: "=", values: ["'; DROP TABLE runs"] }],
      "",
    ],
    [
      "two conditions",
      [
        { field: field.lr, comparison: "=", values: ["1e-3"] },
        { field: field.loss, comparison: ">", values: [1.5] },
      ],
      "c",
    ],
  ];
  it("finds runs by what they logged, in any order", async () => {
    const { database, write } = await store();
    const facts: [string, number | null, string | null, string | null][] = [
      ["a", 1, "1e-3", "Search1"],
      ["b", 1.5, "1e-4", "search1 SEARCH2"],
      ["c", Number.POSITIVE_INFINITY, "1e-3", null],
      ["d", Number.NaN, null, null],
      ["e", null, null, null],
    ];
    for (const [at, [id, loss, lr, team]] of facts.entries()) {
      const status = id === "d" ? "failed" : "running";
      await write((transaction) =>
        addTrackedRun(transaction, newRun(id, { startedMs: startMs + at, status })),
      );
      const batch = {
        metrics: loss === null ? [] : [{ key: "loss", step: 1, ms: 1, value: loss }],
        params: lr === null ? [] : [{ key: "lr", value: lr }],
        tags: team === null ? [] : [{ key: "team", value: team }],
      };
      await write((transaction) => logBatch(transaction, id, batch, startMs));
    }
    const ids = async (more: Partial<Parameters<typeof searchRuns>[1]>): Promise<string> => {
      const usual = {
        projects: [0],
        stages: ["active"] as const,
        conditions: [],
        order: [],
        limit: 100,
        offset: 0,
      };
      return (await searchRuns(database, { ...usual, ...more })).map(({ id }) => id).join("");
    };
    for (const [name, conditions, expected] of searches)
      expect([name, await ids({ conditions })]).toEqual([name, expected]);
    expect(await ids({ order: [{ field: field.loss, ascending: true }] })).toBe("abcde");
    expect(await ids({ order: [{ field: field.loss, ascending: false }] })).toBe("cbade");
    expect(await ids({ order: [{ field: field.lr, ascending: true }] })).toBe("cabed");
    expect(
      await ids({
        order: [
          { field: field.status, ascending: false },
          { field: field.start, ascending: true },
        ],
      }),
    ).toBe("abced");
    expect(await ids({ limit: 2, offset: 1 })).toBe("dc");
    expect(await ids({ projects: [7] })).toBe("");
    expect(await ids({ projects: [] })).toBe("edcba");
    expect(await ids({ stages: ["deleted"] })).toBe("");
  });

  it("keeps every point of any batches, and the latest and the extremes as MLflow defines them", async () => {
    const point = fc.record({
      key: fc.constantFrom("a", "b"),
      step: fc.integer({ min: -3, max: 3 }),
      ms: fc.integer({ min: 0, max: 2 }),
      value: fc.constantFrom(
        0,
        -1.5,
        2,
        1e-300,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ),
    });
    const { database, write } = await store();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(point, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
        const id = `r${runs++}`;
        const { number } = await write((transaction) => addTrackedRun(transaction, newRun(id)));
        for (const metrics of batches)
          await write((transaction) => logBatch(transaction, id, { ...empty, metrics }, startMs));
        for (const key of ["a", "b"]) {
          const own = batches.flat().filter((item) => item.key === key);
          const found = await readPoints(database, { run: number, key }, { limit: 1000, after: null });
          const name = ({ step, ms, value }: Point): string => `${step} ${ms} ${value}`;
          expect(found.map(name).sort()).toEqual([...new Set(own.map(name))].sort());
          const chart = await readChart(database, { run: number, key }, { axis: "step", places: 1000 });
          expect(chart.map(name).sort()).toEqual([...new Set(own.map(name))].sort());
        }
      }),
      { numRuns: 40 },
    );
  });
});
