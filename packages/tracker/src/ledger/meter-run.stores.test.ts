/** @file Working time of clients' runs, and its ledger entries: each millisecond is charged once. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { changeTrackedRun, touchRun } from "../tracking/runs.ts";
import { beginWork, endWork, leaveUnmetered, meterRun, noteWorked, runsToMeter } from "./meter-run.ts";
import { readSpend } from "./spend.ts";

const startMs = Date.UTC(2026, 10, 25);
/** A micro-dollar and a half per 1,000 milliseconds. */
const price = { microUsdPerHour: 5400, source: "a list, 2026-11-25" };

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("many short stretches round no further than one long one", async () => {
    const { database, write, add } = await trackedStore(await make());
    const run = await add("a", { startedMs: startMs });
    const added: number[] = [];
    for (const workedMs of [1000, 2000, 3000, 4000, 4000]) {
      await write((transaction) => noteWorked(transaction, run, workedMs));
      await write((transaction) => touchRun(transaction, run, startMs + workedMs));
      added.push(await write((transaction) => meterRun(transaction, run, price, startMs + workedMs)));
    }
    // Cumulative 1.5, 3, 4.5 and 6 micro-dollars, rounded.
    expect(added).toEqual([2, 1, 2, 1, 0]);
    const lines = await readSpend(database, run);
    expect(lines[0]).toEqual({
      run,
      ms: startMs + 1000,
      kind: "machine",
      microUsd: 2,
      seconds: 1,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 5400,
      priceSource: "a list, 2026-11-25",
    });
    expect(lines.map(({ seconds }) => seconds)).toEqual([1, 1, 1, 1]);
  });

  it("a run is due once it has worked for so long since it was metered, by its number", async () => {
    const { database, write, add } = await trackedStore(await make());
    const launch = await add("launch", { client: "exec" });
    const runs = [await add("b"), await add("a", { client: "wandb" }), await add("c", { client: "api" })];
    await add("own", { client: "tunewise" });
    const part = await add("part", { launchedBy: launch });
    for (const run of [...runs, launch, part])
      await write((transaction) => noteWorked(transaction, run, 5000));
    expect(await runsToMeter(database, 5000)).toEqual(runs);
    expect(await runsToMeter(database, 5001)).toEqual([]);
    await write((transaction) => meterRun(transaction, runs[1] as number, price, startMs));
    expect(await runsToMeter(database, 1)).toEqual([runs[0], runs[2]]);
    for (const run of [launch, part, 999])
      expect(await write((transaction) => meterRun(transaction, run, price, startMs))).toBe(0);
  });

  it("a client's clock counts in whole milliseconds and never goes back", async () => {
    const { database, write, add } = await trackedStore(await make());
    const run = await add("a");
    const worked = async (ms: number): Promise<unknown> => {
      await write((transaction) => noteWorked(transaction, run, ms));
      return (await database.all("SELECT worked_ms FROM runs WHERE number = ?", run))[0]?.["worked_ms"];
    };
    expect(
      [await worked(1999.5), await worked(1999.6), await worked(10), await worked(2000.6)].map(Number),
    ).toEqual([2000, 2000, 2000, 2001]);
  });

  it("work is counted from a session's start to its end, and what an open one worked is kept by the next", async () => {
    const { write, add, lines } = await trackedStore(await make());
    const run = await add("a", { startedMs: startMs });
    await write(async (transaction) => {
      await beginWork(transaction, run, startMs);
      await touchRun(transaction, run, startMs + 2000);
      await beginWork(transaction, run, startMs + 60_000); // Resumed although it was never reported as ended.
      await touchRun(transaction, run, startMs + 63_000);
      await changeTrackedRun(transaction, run, { status: "completed", endedMs: startMs + 64_000 });
      await endWork(transaction, run);
      await endWork(transaction, run);
      await meterRun(transaction, run, { ...price, microUsdPerHour: 3_600_000 }, startMs + 70_000);
    });
    expect(await lines(run)).toEqual([[6000, 6]]);
  });

  it("a history that is logged later is booked in the months in which it ran", async () => {
    const { database, write, add } = await trackedStore(await make());
    const [begin, end] = [Date.UTC(2026, 9, 31, 23), Date.UTC(2026, 11, 1, 2)];
    const run = await add("a", { startedMs: begin });
    const total = await write(async (transaction) => {
      await changeTrackedRun(transaction, run, { status: "completed", endedMs: end });
      await endWork(transaction, run);
      return meterRun(transaction, run, price, Date.UTC(2027, 2, 5));
    });
    const lines = await readSpend(database, run);
    expect(lines.map(({ ms, seconds }) => [new Date(ms).toISOString(), seconds / 3600])).toEqual([
      ["2026-10-31T23:59:59.999Z", 1],
      ["2026-11-30T23:59:59.999Z", 720],
      ["2026-12-01T02:00:00.000Z", 2],
    ]);
    expect(lines.reduce((sum, { microUsd }) => sum + microUsd, 0)).toBe(total);
    expect(total).toBe(5400 * 723);
  });

  it("a client's clock that is wrong costs one line, and none in the future", async () => {
    const { database, write, add } = await trackedStore(await make());
    const run = await add("a", { startedMs: -1e14 });
    await write(async (transaction) => {
      await changeTrackedRun(transaction, run, { status: "completed", endedMs: startMs + 1e12 });
      await endWork(transaction, run);
      await meterRun(transaction, run, price, startMs);
    });
    expect((await readSpend(database, run)).map(({ ms }) => ms)).toEqual([startMs]);
  });

  it("a history pays from its start to its end, unless what it cost elsewhere is not known", async () => {
    const { database, write, add, lines } = await trackedStore(await make());
    const runs = [await add("whole", { startedMs: startMs }), await add("brought", { startedMs: startMs })];
    await write((transaction) => leaveUnmetered(transaction, runs[1] as number));
    for (const run of runs) {
      await write(async (transaction) => {
        await changeTrackedRun(transaction, run, { status: "completed", endedMs: startMs + 2500 });
        await endWork(transaction, run);
      });
    }
    expect(await runsToMeter(database, 1)).toEqual([runs[0]]);
    for (const run of runs)
      await write((transaction) =>
        meterRun(transaction, run, { ...price, microUsdPerHour: 3_600_000 }, startMs),
      );
    expect([await lines(runs[0] as number), await lines(runs[1] as number)]).toEqual([[[2500, 2.5]], []]);
  });
});
