/** @file Ledger entries add up to the recorded cost of a run through reservations, settlements and charges. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database, Transaction } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { putTags } from "../tracking/facts.ts";
import { addProject } from "../tracking/projects.ts";
import { addTrackedRun, changeTrackedRun } from "../tracking/runs.ts";
import type { NewRun } from "../tracking/types.ts";
import { addReserved, dropReserved } from "./charges.ts";
import { addSpend, firstOfFingerprints, purposeTag, readSpend, type SpendLine, spendByRun } from "./spend.ts";

const november = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
const december = Date.UTC(2026, 11, 1);

const about: NewRun = {
  id: "a",
  project: 0,
  name: "a",
  person: "",
  startedMs: 5,
  fingerprint: null,
  family: null,
  tags: [],
  ...({ status: "running", client: "exec", purpose: "experiment" } as const),
};

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<{
    database: Database;
    write: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
    add: (more: Partial<NewRun>) => Promise<number>;
    sums: (run: number) => Promise<[money: number, seconds: number, inLines: number]>;
  }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    return {
      database,
      write: (work) => database.transaction(work),
      add: async (more) =>
        (await database.transaction((transaction) => addTrackedRun(transaction, { ...about, ...more })))
          .number,
      sums: async (run) => {
        const [row] = await database.all(
          "SELECT spent_micro_usd, wall_seconds FROM runs WHERE number = ?",
          run,
        );
        const lines = await readSpend(database, run);
        const inLines = lines.reduce((sum, { microUsd }) => sum + microUsd, 0);
        return [Number(row?.["spent_micro_usd"]), Number(row?.["wall_seconds"]), inLines];
      },
    };
  }

  const line = (run: number, more: Partial<SpendLine> = {}): SpendLine => ({
    run,
    ms: november,
    kind: "machine",
    microUsd: 250,
    seconds: 2.5,
    quantity: 3,
    unit: "tokens",
    priceMicroUsdPerHour: 360_000,
    priceSource: "--rate 0.36/h",
    ...more,
  });

  it("keeps lines as they were added, in their order, and counts each once in its run", async () => {
    const { database, write, add, sums } = await store();
    const [run, other] = [await add({ id: "a" }), await add({ id: "b" })];
    const lines = [line(run), line(run, { ms: 1, kind: "storage", microUsd: 50, seconds: 0 }), line(run)];
    for (const one of lines) await write((transaction) => addSpend(transaction, one));
    expect(await readSpend(database, run)).toEqual(lines);
    expect([await sums(run), await sums(other)]).toEqual([
      [550, 5, 550],
      [0, 0, 0],
    ]);
  });

  it("counts what is set aside until it is settled, and no other's", async () => {
    const { write, add, sums, database } = await store();
    const [run, other] = [await add({ id: "a" }), await add({ id: "b" })];
    const aside = (reservation: number, microUsd: number, of = run): Promise<void> =>
      write((transaction) => addReserved(transaction, { run: of, reservation, microUsd, ms: 7 }));
    const settle = (reservation: number): Promise<void> =>
      write((transaction) => dropReserved(transaction, run, reservation));
    await aside(1, 500);
    await aside(2, 700);
    await aside(1, 90, other);
    expect([await sums(run), await sums(other)]).toEqual([
      [1200, 0, 1200],
      [90, 0, 90],
    ]);
    expect((await readSpend(database, run))[0]).toEqual({
      run,
      ms: 7,
      kind: "reserved",
      microUsd: 500,
      seconds: 0,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 0,
      priceSource: "set aside for request 1: the most that it can cost",
    });
    await settle(1);
    expect([await sums(run), await sums(other)]).toEqual([
      [700, 0, 700],
      [90, 0, 90],
    ]);
    await settle(1);
    await settle(99);
    expect(await sums(run)).toEqual([700, 0, 700]);
    // Numbers of reservations may restart: the newest entry with a number is the one that is settled.
    await aside(2, 11);
    await settle(2);
    expect(await sums(run)).toEqual([700, 0, 700]);
  });

  it("sums by run and month, in the time and the projects that are asked for", async () => {
    const { database, write, add } = await store();
    const { number } = await write((transaction) =>
      addProject(transaction, { name: "tickets", artifactRoot: null, tags: [], nowMs: 1 }),
    );
    const [late, early, elsewhere] = [
      await add({ id: "late", startedMs: 9 }),
      await add({ id: "early", startedMs: 1 }),
      await add({ id: "elsewhere", project: number, startedMs: 2 }),
    ];
    await write(async (transaction) => {
      await putTags(transaction, late, [
        { key: "team", value: "search" },
        { key: purposeTag, value: "production" },
      ]);
      await putTags(transaction, early, [{ key: purposeTag, value: "something" }]);
      for (const one of [
        line(late),
        line(late, { ms: december, microUsd: 40 }),
        line(late, { ms: december + 5, microUsd: 2 }),
        line(early, { microUsd: 1 }),
        line(elsewhere, { microUsd: 8 }),
      ]) {
        await addSpend(transaction, one);
      }
    });
    const all = await spendByRun(database, { fromMs: 0, toMs: december + 6, tag: "team" });
    expect(all.map(({ run, ...sums }) => ({ id: run.id, purpose: run.purpose, ...sums }))).toEqual([
      {
        id: "early",
        purpose: "experiment",
        projectName: "Default",
        tag: null,
        microUsd: 1,
        seconds: 2.5,
        months: { "2026-11": 1 },
      },
      {
        id: "elsewhere",
        purpose: "experiment",
        projectName: "tickets",
        tag: null,
        microUsd: 8,
        seconds: 2.5,
        months: { "2026-11": 8 },
      },
      {
        id: "late",
        purpose: "production",
        projectName: "Default",
        tag: "search",
        microUsd: 292,
        seconds: 7.5,
        months: { "2026-11": 250, "2026-12": 42 },
      },
    ]);
    const moneyOf = async (fromMs: number, toMs: number): Promise<number[]> =>
      (await spendByRun(database, { fromMs, toMs })).map(({ microUsd }) => microUsd);
    expect(await moneyOf(december, december + 5)).toEqual([40]);
    expect(await moneyOf(november, december)).toEqual([1, 8, 250]);
    const among = { sql: "projects.name = ?", values: ["tickets"] };
    const some = await spendByRun(database, { fromMs: 0, toMs: december, among });
    expect(some.map(({ run, tag }) => [run.id, tag])).toEqual([["elsewhere", null]]);
  });

  it("names the first completed run of a fingerprint", async () => {
    const { database, write, add } = await store();
    const runs: [string, number, "completed" | "failed"][] = [
      ["later", 9, "completed"],
      ["failed", 1, "failed"],
      ["first", 3, "completed"],
      ["twin", 3, "completed"],
      ["deleted", 2, "completed"],
    ];
    for (const [id, startedMs, status] of runs)
      await add({ id, startedMs, status, fingerprint: "f".repeat(64), family: "f" });
    await add({ id: "other", startedMs: 0, status: "completed" });
    const [row] = await database.all("SELECT number FROM runs WHERE id = ?", "deleted");
    await write((transaction) =>
      changeTrackedRun(transaction, Number(row?.["number"]), { stage: "deleted" }),
    );
    expect([...(await firstOfFingerprints(database))]).toEqual([["f".repeat(64), "first"]]);
  });
});
