/** @file A store of an earlier version is brought to today's, with nothing lost. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { spell } from "../database/dialect.ts";
import { openPostgres } from "../database/postgres.ts";
import { openSqlite } from "../database/sqlite.ts";
import { recordStore } from "../record/record-store.ts";
import { addTrackedRun } from "../tracking/runs.ts";
import { bringForward, migrate, schemaVersion, versionOf } from "./migrate.ts";
import { ownRuns } from "./move-own-runs.ts";

const time = "2026-11-24T20:45:12.345Z";

/** A run with the columns that it had in version 2. */
const plainRun = `INSERT INTO runs (id, project, name, status, stage, client, person, purpose, started_ms, seen_ms,
  wall_seconds, spent_micro_usd) VALUES (?, 0, 'c', 'running', 'active', ?, '', 'experiment', 0, 0, 0, 0)`;

/** A store as version 1 left it. */
async function oldStore(place: string): Promise<Database> {
  const database = place.startsWith("postgres") ? await openPostgres(place) : await openSqlite(place);
  onTestFinished(() => database.close());
  await database.transaction(async (transaction) => {
    await transaction.run(
      spell(database.dialect, "CREATE TABLE schema_version (version {integer} NOT NULL) {table}"),
    );
    await transaction.run("INSERT INTO schema_version (version) VALUES (1)");
    for (const sql of ownRuns) await transaction.run(spell(database.dialect, sql));
    const runs = `INSERT INTO runs VALUES (?, ?, 'completed', ?, ?, 'model: x', '{}', 'f', 'smollm2', 'main', '{}',
      'runs/x', 1.5, 42, '{"loss":1}')`;
    await transaction.run(runs, "b", "tickets", time, time);
    await transaction.run(runs, "a", "Default", "2026-11-23T00:00:00.000Z", null);
    for (const [step, value, special] of [
      [1, 0, "NaN"],
      [2, 9, null],
      [3, 0.25, null],
      [2, 0, "1e-300"],
    ] as const) {
      const sql =
        "INSERT INTO metrics (run_id, key, step, value, special, time) VALUES ('b', 'train/loss', ?, ?, ?, ?)";
      await transaction.run(sql, step, value, special, time);
    }
    const line = `{"time":"${time}","kind":"phase","name":"train","done":1,"total":2}`;
    await transaction.run("INSERT INTO events (run_id, line) VALUES ('b', ?)", line);
    await transaction.run("INSERT INTO artifacts VALUES ('b', 'adapter/x', 5000000000, 'abc')");
    await transaction.run("INSERT INTO scores VALUES ('b', 'base', 'accuracy', 0.5, NULL, 0.4, NULL, 100)");
    await transaction.run(
      "INSERT INTO spend VALUES (1, 'b', ?, 'train', 42, 1.5, 526000, 'list, 2026-11-20')",
      time,
    );
  });
  return database;
}

/** Points of one more metric. */
async function manyPoints(database: Database, count: number): Promise<void> {
  const columns = {
    ...({ run_id: "text", key: "text", step: "integer", value: "real", time: "text" } as const),
  };
  await database.transaction(async (transaction) => {
    for (let from = 0; from < count; from += 5000) {
      const rows = Array.from({ length: 5000 }, (_, at) => ["b", "many", from + at, at / 7, time]);
      await transaction.insert({ table: "metrics", columns }, rows);
    }
  });
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("runs of version 1 are there again", async () => {
    const database = await oldStore(await make());
    await migrate(database);
    await migrate(database);
    const store = recordStore(database);
    expect((await store.listRuns()).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(await store.findRun("b")).toMatchObject({
      name: "tickets",
      status: "completed",
      createdAt: time,
      endedAt: time,
      recipeText: "model: x",
      spentMicroUsd: 42,
      wallSeconds: 1.5,
      summary: '{"loss":1}',
    });
    expect(await store.findRun("a")).toMatchObject({ name: "Default", endedAt: null });
    const history = await store.metricHistory("b", "train/loss");
    expect(history.map(({ step, value }) => [step, value])).toEqual([
      [1, Number.NaN],
      [2, 1e-300],
      [3, 0.25],
    ]);
    expect(history[0]?.time).toBe(time);
    expect(await store.events("b")).toMatchObject([{ v: 0, run: "b", seq: 1, time, name: "train" }]);
    expect(await store.artifacts("b")).toEqual([
      { runId: "b", path: "adapter/x", bytes: 5e9, sha256: "abc" },
    ]);
    expect(await store.scores("b")).toMatchObject([
      { arm: "base", value: 0.5, low: 0.4, high: null, rows: 100 },
    ]);
    expect(await store.spend("b")).toMatchObject([
      { time, spent: 42, duration: 1.5, priceUsdPerHour: 526_000 },
    ]);
    expect(await database.all("SELECT name FROM projects ORDER BY number")).toEqual([
      { name: "Default" },
      { name: "tickets" },
    ]);
    const added = await database.transaction((transaction) =>
      addTrackedRun(transaction, {
        ...{ id: "c", project: 0, name: "c", status: "running", client: "api", person: "" },
        ...{ purpose: "experiment", startedMs: 0, fingerprint: null, family: null, tags: [] },
      }),
    );
    expect(added.number).toBe(3);
  });

  test.skipIf(!isThere)(
    "a store of version 2 gets a place for paid answers, and keeps what it has",
    async () => {
      const place = await make();
      const database = place.startsWith("postgres") ? await openPostgres(place) : await openSqlite(place);
      onTestFinished(() => database.close());
      await database.transaction(async (transaction) => {
        await bringForward(transaction, 2, place);
        await transaction.run(plainRun, "c", "api");
      });
      expect(await versionOf(database)).toBe(2);
      await migrate(database);
      expect(await versionOf(database)).toBe(schemaVersion);
      expect(await database.all("SELECT id FROM runs")).toEqual([{ id: "c" }]);
      expect(await database.all("SELECT count(*) AS kept FROM paid_answers")).toEqual([{ kept: 0 }]);
    },
  );

  test.skipIf(!isThere)("runs and events of version 5 get what they are selected by", async () => {
    const place = await make();
    const database = place.startsWith("postgres") ? await openPostgres(place) : await openSqlite(place);
    onTestFinished(() => database.close());
    const tried = { kind: "arms", fingerprint: "f", verdict: "tune" };
    const trial = { kind: "trial", search: "s", trial: 1 };
    await database.transaction(async (transaction) => {
      await bringForward(transaction, 5, place);
      for (const [at, summary] of [tried, trial, {}].entries()) {
        await transaction.run(plainRun, `r${at}`, "tunewise");
        const own = `INSERT INTO recipe_runs SELECT number, '', '{}', '', '', '', '', '', ? FROM runs WHERE id = ?`;
        await transaction.run(own, JSON.stringify(summary), `r${at}`);
      }
      await transaction.run(plainRun, "e", "exec");
      for (const line of [`{"time":"${time}","kind":"finding"}`, "torn"])
        await transaction.run("INSERT INTO events (run, line) VALUES (1, ?)", line);
    });
    await migrate(database);
    expect(await database.all("SELECT id, kind, verdict FROM runs ORDER BY number")).toEqual([
      { id: "r0", kind: "try", verdict: "tune" },
      { id: "r1", kind: "trial", verdict: null },
      { id: "r2", kind: "run", verdict: null },
      { id: "e", kind: "exec", verdict: null },
    ]);
    expect(await database.all("SELECT kind FROM events ORDER BY sequence")).toEqual([
      { kind: "finding" },
      { kind: "" },
    ]);
  });

  test.skipIf(!isThere)(
    "a migration that breaks off leaves version 1, and the next one is whole",
    async () => {
      const database = await oldStore(await make());
      await manyPoints(database, 100_000);
      await database.transaction((transaction) =>
        // milliseconds of no time: the move of this row fails, after all others
        transaction.run("UPDATE spend SET time = 'never'"),
      );
      await expect(migrate(database)).rejects.toThrow();
      expect(await versionOf(database)).toBe(1);
      expect(await database.all("SELECT count(*) AS count FROM metrics")).toEqual([{ count: 100_004 }]);
      await database.transaction((transaction) => transaction.run("UPDATE spend SET time = ?", time));
      const before = process.memoryUsage().rss;
      await migrate(database);
      const grownBytes = process.memoryUsage().rss - before;
      expect(grownBytes).toBeLessThan(150 * 1024 ** 2);
      expect(await database.all("SELECT count(*) AS count FROM points")).toEqual([{ count: 100_003 }]);
    },
  );
});
