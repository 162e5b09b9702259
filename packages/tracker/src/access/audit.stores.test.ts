/** @file Audit entries are permanent, on both databases. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { readAudit, recordAudit } from "./audit.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const store = async (): Promise<Database> => {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    return database;
  };
  const line = {
    ms: 5,
    person: "ada",
    action: "duplicate-forced",
    subject: "run-1",
    detail: "a new GPU",
  } as const;

  test.skipIf(!isThere)("lines are read back, newest first, by whatever is asked", async () => {
    const database = await store();
    await database.transaction(async (transaction) => {
      await recordAudit(transaction, line);
      await recordAudit(transaction, {
        ...line,
        ms: 6,
        person: "bob",
        action: "user-added",
        subject: "eve\0",
      });
    });
    expect(await readAudit(database, { limit: 10 })).toMatchObject([
      { sequence: 2, person: "bob", subject: "eve" },
      { sequence: 1, ...line },
    ]);
    const persons = async (query: object): Promise<string[]> =>
      (await readAudit(database, { limit: 10, ...query })).map(({ person }) => person);
    expect(await persons({ action: "duplicate-forced" })).toEqual(["ada"]);
    expect(await persons({ person: "bob" })).toEqual(["bob"]);
    expect(await persons({ subject: "run-1", person: "bob" })).toEqual([]);
    expect(await persons({ sinceMs: 6 })).toEqual(["bob"]);
    expect(await persons({ untilMs: 6 })).toEqual(["ada"]);
    expect(await persons({ limit: 1 })).toEqual(["bob"]);
  });

  test.skipIf(!isThere)("no line is changed or removed, whoever asks the database", async () => {
    const database = await store();
    await database.transaction((transaction) => recordAudit(transaction, line));
    for (const sql of ["UPDATE audit SET person = 'eve'", "DELETE FROM audit"]) {
      await expect(database.transaction((transaction) => transaction.run(sql))).rejects.toThrow();
    }
    expect(await readAudit(database, { limit: 10 })).toHaveLength(1);
  });
});
