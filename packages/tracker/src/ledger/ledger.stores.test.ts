/** @file Time is charged exactly once, whichever process meters it: sessions, shares of a command, budgets. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { addProject } from "../tracking/projects.ts";
import { addTrackedRun, changeTrackedRun, touchRun } from "../tracking/runs.ts";
import { findDuplicate, findSimilarRuns } from "../tracking/similar-runs.ts";
import { projectsUnderBudget, readStop, requestStop, stopProject } from "../tracking/stop.ts";
import type { NewRun } from "../tracking/types.ts";
import { createWriter, type Write } from "../tracking/writer.ts";
import { budgetsOf, dropBudget, readBudgets, setBudget } from "./budgets.ts";
import { addLaunch, findLaunch, takeReading } from "./launches.ts";
import { beginWork, endWork, leaveUnmetered, meterRun, noteWorked, runsToMeter } from "./meter-run.ts";
import { addSpend } from "./spend.ts";

const startMs = Date.UTC(2026, 10, 25);
const minute = 60_000;
const price = { microUsdPerHour: 2_490_000, source: "--rate 2.49/h" };

function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  const about = {
    name: id,
    status: "running",
    client: "mlflow",
    person: "ada",
    purpose: "experiment",
  } as const;
  return { id, project: 0, startedMs: startMs, fingerprint: null, family: null, tags: [], ...about, ...more };
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<{
    database: Database;
    write: Write;
    add: (id: string, more?: Partial<NewRun>) => Promise<number>;
    lines: (run: number) => Promise<[microUsd: number, seconds: number][]>;
  }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    return {
      database,
      write,
      add: async (id, more) =>
        (await write((transaction) => addTrackedRun(transaction, newRun(id, more)))).number,
      lines: async (run) =>
        (await database.all("SELECT micro_usd, seconds FROM spend WHERE run = ? ORDER BY sequence", run)).map(
          (row) => [Number(row["micro_usd"]), Number(row["seconds"])],
        ),
    };
  }

  it("meters a run up to where it was heard of, and each minute once", async () => {
    const { database, write, add, lines } = await store();
    const run = await add("a");
    const meter = (nowMs: number): Promise<number> =>
      write((transaction) => meterRun(transaction, run, price, nowMs));
    await write((transaction) => beginWork(transaction, run, startMs));
    expect(await meter(startMs + minute)).toBe(0);
    await write((transaction) => touchRun(transaction, run, startMs + 10 * minute));
    expect(await runsToMeter(database, minute)).toEqual([run]);
    expect(await meter(startMs + 60 * minute)).toBe(415_000);
    expect(await meter(startMs + 90 * minute)).toBe(0);
    expect(await runsToMeter(database, 1)).toEqual([]);
    await write(async (transaction) => {
      await changeTrackedRun(transaction, run, { status: "completed", endedMs: startMs + 20 * minute });
      await endWork(transaction, run);
    });
    await meter(startMs + 20 * minute);
    expect(await lines(run)).toEqual([
      [415_000, 600],
      [415_000, 600],
    ]);
  });

  it("does not meter the time between two sessions", async () => {
    const { write, add, lines } = await store();
    const run = await add("a");
    await write(async (transaction) => {
      await beginWork(transaction, run, startMs);
      await changeTrackedRun(transaction, run, { status: "failed", endedMs: startMs + 6 * minute });
      await endWork(transaction, run);
      await changeTrackedRun(transaction, run, { status: "running", endedMs: null });
      await beginWork(transaction, run, startMs + 600 * minute);
      await changeTrackedRun(transaction, run, { status: "completed", endedMs: startMs + 606 * minute });
      await endWork(transaction, run);
      await meterRun(transaction, run, price, startMs + 606 * minute);
    });
    expect(await lines(run)).toEqual([[498_000, 720]]);
  });

  it("takes a history's own start and end, and a client's own clock", async () => {
    const { write, add, lines } = await store();
    const [old, timed] = [await add("old"), await add("timed", { client: "wandb" })];
    await write(async (transaction) => {
      await changeTrackedRun(transaction, old, { status: "completed", endedMs: startMs + 6 * minute });
      await endWork(transaction, old);
      await meterRun(transaction, old, price, startMs);
      await noteWorked(transaction, timed, 6 * minute);
      await noteWorked(transaction, timed, 5 * minute);
      await meterRun(transaction, timed, price, startMs);
    });
    expect(await lines(old)).toEqual([[249_000, 360]]);
    expect(await lines(timed)).toEqual([[249_000, 360]]);
  });

  it("leaves runs with meters of their own alone", async () => {
    const { database, write, add } = await store();
    const launch = await add("launch", { client: "exec" });
    const brought = await add("brought", { client: "wandb" });
    await write((transaction) => leaveUnmetered(transaction, brought));
    const others = [await add("own", { client: "tunewise" }), await add("part", { launchedBy: launch })];
    for (const run of [brought, ...others]) {
      await write((transaction) => noteWorked(transaction, run, minute));
      expect(await write((transaction) => meterRun(transaction, run, price, startMs))).toBe(0);
    }
    expect(await runsToMeter(database, 1)).toEqual([]);
  });

  it("shares a command's money among its runs, to the last micro-dollar", async () => {
    const { database, write, add, lines } = await store();
    const launch = await add("launch", { client: "exec" });
    const about = { run: launch, command: "python train.py", host: "here", price, capMicroUsd: null };
    await write((transaction) => addLaunch(transaction, about));
    const take = (microUsd: number, meteredMs: number, nowMs: number): Promise<number> =>
      write(async (transaction) => {
        const known = await findLaunch(transaction, launch);
        return takeReading(transaction, known as NonNullable<typeof known>, { microUsd, meteredMs }, nowMs);
      });
    expect(await take(101, 1000, startMs + 1000)).toBe(101);
    const [one, two] = [await add("one", { launchedBy: launch }), await add("two", { launchedBy: launch })];
    expect(await take(202, 2000, startMs + 2000)).toBe(101);
    expect(await take(202, 2000, startMs + 2000)).toBe(0);
    await write((transaction) =>
      changeTrackedRun(transaction, two, { status: "completed", endedMs: startMs + 2500 }),
    );
    expect(await take(203, 3000, startMs + 3000)).toBe(1);
    expect(await take(303, 4000, startMs + 4000)).toBe(100);
    expect([await lines(launch), await lines(one), await lines(two)]).toEqual([
      [[101, 1]],
      [
        [50, 0.5],
        [0, 0.5],
        [100, 1],
      ],
      [
        [51, 0.5],
        [1, 0.5],
      ],
    ]);
    const [sum] = await database.all("SELECT sum(micro_usd) AS all_of_it FROM spend");
    expect(sum?.["all_of_it"]).toBe(303);
  });

  it("adds up whatever a meter says and whoever pays", async () => {
    const { database, write, add } = await store();
    let count = 0;
    const steps = fc.array(
      fc.record({ cost: fc.nat(1e6), ms: fc.nat(5000), begins: fc.nat(3), ends: fc.nat(3) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (readings) => {
        const launch = await add(`launch ${count++}`, { client: "exec" });
        const about = { run: launch, command: "x", host: "here", price, capMicroUsd: null };
        await write((transaction) => addLaunch(transaction, about));
        const parts: number[] = [];
        let [microUsd, meteredMs] = [0, 0];
        for (const { cost, ms, begins, ends } of readings) {
          for (let at = 0; at < begins; at++)
            parts.push(await add(`part ${count++}`, { launchedBy: launch }));
          for (const run of parts.splice(0, ends)) {
            const endedMs = startMs + meteredMs;
            await write((transaction) => changeTrackedRun(transaction, run, { status: "failed", endedMs }));
          }
          [microUsd, meteredMs] = [microUsd + cost, meteredMs + ms];
          await write(async (transaction) => {
            const known = await findLaunch(transaction, launch);
            const reading = { microUsd, meteredMs };
            await takeReading(transaction, known as NonNullable<typeof known>, reading, startMs + meteredMs);
          });
        }
        const sql = `SELECT coalesce(sum(micro_usd), 0) AS money FROM spend
          WHERE run = ? OR run IN (SELECT number FROM runs WHERE launched_by = ?)`;
        expect((await database.all(sql, launch, launch))[0]?.["money"]).toBe(microUsd);
      }),
      { numRuns: 15 },
    );
  });

  it("knows what is spent of each budget, by month", async () => {
    const { database, write, add } = await store();
    const { number } = await write((transaction) =>
      addProject(transaction, { name: "tickets", artifactRoot: null, tags: [], nowMs: startMs }),
    );
    const run = await add("a", { project: number });
    const spend = {
      kind: "machine",
      seconds: 1,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 0,
      priceSource: "",
    };
    await write(async (transaction) => {
      await setBudget(transaction, { project: number, period: "month", microUsd: 50 });
      await setBudget(transaction, { project: number, period: "month", microUsd: 100 });
      await setBudget(transaction, { project: null, period: "total", microUsd: 1000 });
      await addSpend(transaction, { run, ms: startMs, microUsd: 30, ...spend });
      await addSpend(transaction, { run, ms: startMs - 31 * 86_400_000, microUsd: 7, ...spend });
    });
    expect(await budgetsOf(database, number, startMs)).toEqual([
      { project: number, projectName: "tickets", period: "month", microUsd: 100, spentMicroUsd: 30 },
      { project: null, projectName: null, period: "total", microUsd: 1000, spentMicroUsd: 37 },
    ]);
    expect(await budgetsOf(database, 0, startMs)).toHaveLength(1);
    expect(await projectsUnderBudget(database)).toEqual([number]);
    await write((transaction) => stopProject(transaction, number, "the budget is spent", startMs));
    expect(await readStop(database, run)).toBe("the budget is spent");
    expect(await projectsUnderBudget(database)).toEqual([]);
    await write((transaction) =>
      requestStop(transaction, run, { by: "person", reason: "another reason" }, startMs + 1),
    );
    expect(await readStop(database, run)).toBe("the budget is spent");
    const gone = { project: null, period: "total" } as const;
    expect(await write((transaction) => dropBudget(transaction, gone))).toBe(true);
    expect(await write((transaction) => dropBudget(transaction, gone))).toBe(false);
    expect(await readBudgets(database, startMs)).toHaveLength(1);
  });

  it("finds the same experiment by a whole or a cut fingerprint", async () => {
    const { database, write, add } = await store();
    const fingerprint = "0123456789abcdef".repeat(4);
    const same = (sent: string, heardSinceMs: number): ReturnType<typeof findDuplicate> =>
      findDuplicate(database, { fingerprint: sent, heardSinceMs });
    const run = await add("whole", { fingerprint, family: fingerprint });
    await add("other", { fingerprint: `f${fingerprint.slice(1)}`, status: "completed" });
    expect(await same(fingerprint.slice(0, 40), startMs)).toMatchObject({ id: "whole" });
    expect(await same(fingerprint.slice(0, 40), startMs + 1)).toBeNull();
    expect(await findSimilarRuns(database, fingerprint, 3)).toEqual([]);
    await write((transaction) => changeTrackedRun(transaction, run, { status: "failed" }));
    expect(await same(fingerprint, startMs)).toBeNull();
    await write((transaction) => changeTrackedRun(transaction, run, { status: "completed" }));
    expect(await same(fingerprint, startMs + 1)).toMatchObject({ id: "whole" });
    expect(await findSimilarRuns(database, fingerprint.slice(0, 40), 3)).toMatchObject([{ id: "whole" }]);
    await write((transaction) => changeTrackedRun(transaction, run, { stage: "deleted" }));
    expect(await same(fingerprint, startMs)).toBeNull();
  });
});
