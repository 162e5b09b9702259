/** @file The revision changes on every commit, by this or another connection, and not on reads. */
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { openDatabase } from "../open-store.ts";
import { putTags } from "../tracking/facts.ts";
import { addTrackedRun } from "../tracking/runs.ts";
import type { Database } from "./database.ts";
import { revisionOf } from "./revision.ts";

async function open(place: string): Promise<Database> {
  const database = await openDatabase(place);
  onTestFinished(() => database.close());
  return database;
}

async function addRun(database: Database): Promise<number> {
  const about = {
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
  return (await database.transaction((transaction) => addTrackedRun(transaction, about))).number;
}

describe.each(storePlaces)("%s", (name, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("changes with every commit of the same database", async () => {
    const database = await open(await make());
    const seen = new Set([await revisionOf(database)]);
    const run = await addRun(database);
    seen.add(await revisionOf(database));
    for (const value of ["x", "y", "z"]) {
      await database.transaction((transaction) => putTags(transaction, run, [{ key: "k", value }]));
      seen.add(await revisionOf(database));
    }
    await database.transaction((transaction) => transaction.run("DELETE FROM tags"));
    seen.add(await revisionOf(database));
    expect(seen.size).toBe(6);
  });

  // Other tests write to the same PostgreSQL server meanwhile, which may change a revision.
  test.skipIf(!isThere || name === "PostgreSQL")("stays while things are only read", async () => {
    const database = await open(await make());
    await addRun(database);
    const before = await revisionOf(database);
    for (let at = 0; at < 20; at++) await database.all("SELECT * FROM runs WHERE number > ?", at);
    expect(await revisionOf(database)).toBe(before);
  });

  test.skipIf(!isThere || name === "SQLite in memory")("changes with what others commit", async () => {
    const place = await make();
    const [mine, other] = [await open(place), await open(place)];
    const before = await revisionOf(mine);
    await addRun(other);
    const after = await revisionOf(mine);
    expect(after).not.toBe(before);
    expect(await mine.all("SELECT id FROM runs")).toEqual([{ id: "a" }]);
  });

  it("is the one before while a transaction is open, and never older than what is read after it", async () => {
    const place = name === "SQLite in memory" ? join(await temporaryFolder(), "store.sqlite") : await make();
    const database = await open(place);
    const run = await addRun(database);
    await database.transaction(async (transaction) => {
      await putTags(transaction, run, [{ key: "k", value: "x" }]);
      const during = await revisionOf(database);
      expect(await database.all("SELECT value FROM tags")).toEqual([]);
      await putTags(transaction, run, [{ key: "l", value: "x" }]);
      seen = during;
    });
    expect(await revisionOf(database)).not.toBe(seen);
  });
  let seen = "";
});

test("a snapshot of many transactions is cut to a bounded text, and still tells them apart", async () => {
  const among = (last: number): Pick<Database, "all" | "dialect"> => ({
    dialect: { name: "postgres" } as Database["dialect"],
    all: async () => [{ revision: `1:9999:${Array.from({ length: 500 }, (_, at) => at + last).join(",")}` }],
  });
  const [one, two] = [await revisionOf(among(1)), await revisionOf(among(2))];
  expect([one.length, two.length]).toEqual([40, 40]);
  expect(one).not.toBe(two);
});
