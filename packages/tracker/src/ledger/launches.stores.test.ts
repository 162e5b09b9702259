/** @file A command's meter readings are recorded in the ledger once, and charged to the runs that were working. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import type { Reader } from "../database/database.ts";
import { changeTrackedRun } from "../tracking/runs.ts";
import {
  addLaunch,
  findLaunch,
  type Launch,
  type MeterReading,
  runsOfLaunch,
  takeReading,
} from "./launches.ts";
import { findOuterLaunch, outerLaunches } from "./nested-launches.ts";
import { addSpend, readSpend } from "./spend.ts";

const price = { microUsdPerHour: 3_600_000, source: "--rate 3.60/h" };

type TakeReading = (microUsd: number, meteredMs: number, nowMs: number) => Promise<number>;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function launched(): Promise<
    TrackedStore & {
      readonly launch: number;
      readonly take: (microUsd: number, meteredMs: number, nowMs: number) => Promise<number>;
      readonly reading: () => Promise<MeterReading>;
    }
  > {
    const store = await trackedStore(await make());
    const launch = await store.add("launch", { client: "exec" });
    const about = { run: launch, command: "python train.py", host: "here", price, capMicroUsd: 50 };
    await store.write((transaction) => addLaunch(transaction, about));
    const known = async (reader: Reader): Promise<Launch & MeterReading> => {
      const found = await findLaunch(reader, launch);
      return found ?? Promise.reject(new Error("the command is gone"));
    };
    return {
      ...store,
      launch,
      take: (microUsd, meteredMs, nowMs) =>
        store.write(async (transaction) =>
          takeReading(transaction, await known(transaction), { microUsd, meteredMs }, nowMs),
        ),
      reading: async () => {
        const { microUsd, meteredMs } = await known(store.database);
        return { microUsd, meteredMs };
      },
    };
  }

  it("a command is found with all that was noted down, and its runs in the order they began", async () => {
    const { database, write, add, launch } = await launched();
    const free = await add("free", { client: "exec" });
    const about = { run: free, command: "sleep 1", host: "there", price, capMicroUsd: null };
    await write((transaction) => addLaunch(transaction, about));
    expect(await findLaunch(database, free)).toEqual({ ...about, microUsd: 0, meteredMs: 0 });
    expect(await findLaunch(database, launch)).toMatchObject({ capMicroUsd: 50, command: "python train.py" });
    expect(await findLaunch(database, await add("other"))).toBeNull();
    for (const id of ["b", "a"]) await add(id, { launchedBy: launch });
    expect((await runsOfLaunch(database, launch)).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(await runsOfLaunch(database, free)).toEqual([]);
  });

  it("a line holds the time and the price; an older reading, and one that says the same, add none", async () => {
    const { database, launch, lines, take, reading } = await launched();
    expect(await take(1500, 1500, 10_000)).toBe(1500);
    expect(await readSpend(database, launch)).toEqual([
      {
        run: launch,
        ms: 10_000,
        kind: "machine",
        microUsd: 1500,
        seconds: 1.5,
        quantity: 0,
        unit: "",
        priceMicroUsdPerHour: 3_600_000,
        priceSource: "--rate 3.60/h",
      },
    ]);
    expect([await take(1500, 1500, 11_000), await take(900, 1400, 11_000)]).toEqual([0, 0]);
    expect(await lines(launch)).toEqual([[1500, 1.5]]);
    expect(await reading()).toEqual({ microUsd: 1500, meteredMs: 1500 });
  });

  it("time that cost nothing and money without time are noted down too", async () => {
    const { launch, lines, take, reading } = await launched();
    expect([await take(0, 250, 1000), await take(70, 250, 2000)]).toEqual([0, 70]);
    expect(await lines(launch)).toEqual([
      [0, 0.25],
      [70, 0],
    ]);
    // Lower readings are not taken back.
    expect(await take(60, 500, 3000)).toBe(0);
    expect(await reading()).toEqual({ microUsd: 70, meteredMs: 500 });
  });

  it("a run that ended before a stretch began pays nothing of it, one that ended within it its part", async () => {
    const { write, add, launch, lines, take } = await launched();
    const [before, within, atWork] = [
      await add("before", { launchedBy: launch }),
      await add("within", { launchedBy: launch }),
      await add("at work", { launchedBy: launch }),
    ];
    const end = (run: number, endedMs: number): Promise<unknown> =>
      write((transaction) => changeTrackedRun(transaction, run, { status: "completed", endedMs }));
    // The stretch is the second from 9,000 to 10,000.
    await end(before, 9000);
    await end(within, 9001);
    expect(await take(101, 1000, 10_000)).toBe(101);
    expect([await lines(before), await lines(within), await lines(atWork), await lines(launch)]).toEqual([
      [],
      [[50, 0.5]],
      [[51, 0.5]],
      [],
    ]);
    await end(atWork, 10_500);
    expect(await take(131, 1500, 12_000)).toBe(30);
    expect(await lines(launch)).toEqual([[30, 0.5]]);
  });

  it.each([
    [7, 3, [2, 2, 3]],
    [2, 3, [0, 1, 1]],
    [9, 3, [3, 3, 3]],
    [1, 4, [0, 0, 0, 1]],
  ])("%d micro-dollars are shared by %d runs as whole parts %j", async (amount, count, parts) => {
    const { add, launch, lines, take } = await launched();
    const runs: number[] = [];
    for (let at = 0; at < count; at++) runs.push(await add(`part ${at}`, { launchedBy: launch }));
    await take(amount, 1000, 1000);
    const shares = await Promise.all(
      runs.map(async (run) => (await lines(run)).map(([microUsd]) => microUsd)),
    );
    expect(shares).toEqual(parts.map((part) => [part]));
  });

  /** A command inside the launch, with its own price and meter. */
  async function nested(
    { write, add }: TrackedStore,
    launchedBy: number,
    microUsdPerHour = 36_000_000,
    id = "inner",
  ): Promise<{ readonly run: number; readonly take: TakeReading }> {
    const run = await add(id, { client: "exec", launchedBy });
    const own = { microUsdPerHour, source: "--rate" };
    await write((transaction) =>
      addLaunch(transaction, { run, command: "make", host: "here", price: own, capMicroUsd: null }),
    );
    const take: TakeReading = (microUsd, meteredMs, nowMs) =>
      write(async (transaction) => {
        const found = await findLaunch(transaction, run);
        return found === null ? 0 : takeReading(transaction, found, { microUsd, meteredMs }, nowMs);
      });
    return { run, take };
  }

  it("a command inside a command shares its seconds; the outer meter is charged once", async () => {
    const outer = await launched();
    const inner = await nested(outer, outer.launch);
    const logged = await outer.add("logged", { launchedBy: inner.run });
    expect(await outerLaunches(outer.database, logged)).toEqual([inner.run, outer.launch]);
    expect(await inner.take(9000, 900, 1000)).toBe(9000);
    expect(await findLaunch(outer.database, inner.run)).toMatchObject({ microUsd: 9000, meteredMs: 900 });
    await outer.take(1000, 1000, 1000);
    expect([
      await outer.lines(logged),
      await outer.lines(inner.run),
      await outer.lines(outer.launch),
    ]).toEqual([[[1000, 1]], [], []]);
    const second = await nested(outer, outer.launch, 36_000_000, "beside");
    await outer.take(2000, 2000, 2000);
    expect([await outer.lines(second.run), (await outer.lines(logged)).at(-1)]).toEqual([
      [[500, 0.5]],
      [500, 0.5],
    ]);
  });

  it("a command inside one without a price is charged by its own meter, for its money alone", async () => {
    const store = await trackedStore(await make());
    const free = await store.add("free", { client: "exec" });
    const none = { microUsdPerHour: 0, source: "no rate" };
    await store.write((transaction) =>
      addLaunch(transaction, { run: free, command: "make", host: "here", price: none, capMicroUsd: null }),
    );
    const inner = await nested(store, free);
    await inner.take(9000, 900, 1000);
    expect(await store.lines(inner.run)).toEqual([[9000, 0]]);
  });

  it("a run of this engine charges its own time, and the command around it pays for the rest", async () => {
    const { add, launch, lines, take, write } = await launched();
    const own = await add("own", { client: "tunewise", launchedBy: launch });
    const book = (microUsd: number, seconds: number): Promise<void> =>
      write((transaction) =>
        addSpend(transaction, {
          run: own,
          ms: 1,
          kind: "train",
          microUsd,
          seconds,
          quantity: 0,
          unit: "",
          priceMicroUsdPerHour: 3_600_000,
          priceSource: "recipe",
        }),
      );
    await take(1000, 1000, 1000);
    await book(1500, 1.5);
    await take(2000, 2000, 2000);
    await book(400, 0.4);
    await take(2300, 2300, 2300);
    await take(3300, 3300, 3300);
    expect((await lines(launch)).map(([microUsd]) => microUsd)).toEqual([1000, -500, -100, 1000]);
    expect((await lines(launch)).reduce((sum, [, seconds]) => sum + seconds, 0)).toBeCloseTo(1.4);
  });

  it.each([
    ["a command of the same machine", { id: "launch", host: "here" }, true],
    ["another machine", { id: "launch", host: "there" }, false],
    ["an id that nobody has", { id: "made up", host: "here" }, false],
    ["a run that is no command", { id: "logged", host: "here" }, false],
    ["no command", null, false],
  ])("is found by what the environment says: %s", async (_name, named, isFound) => {
    const { add, database, launch, write } = await launched();
    await add("logged");
    const found = await findOuterLaunch(database, named);
    expect(found?.number ?? null).toBe(isFound ? launch : null);
    expect(await findOuterLaunch(database, named, "somebody else")).toBeNull();
    await write((transaction) => changeTrackedRun(transaction, launch, { status: "completed", endedMs: 1 }));
    expect(await findOuterLaunch(database, named)).toBeNull();
  });
});
