/**
 * @file Refused duplicates: recorded once a day, with the earlier run's cost to date, visible to those who may read it.
 */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { noteRefusal, readRefusals } from "./refusals.ts";
import { addSpend } from "./spend.ts";

const hour = 3_600_000;
const fingerprint = "a".repeat(64);

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("is there once, with what it saved", async () => {
    const { add, write, project, database } = await trackedStore(await make());
    const tickets = await project("tickets");
    const command = await add("command", { client: "exec", project: tickets });
    const part = await add("part", { launchedBy: command, project: tickets });
    await add("other");
    const refuse = (ms: number, earlier: string, person = "bob"): Promise<boolean> =>
      write((transaction) => noteRefusal(transaction, { ms, person, fingerprint, earlier }));
    expect(await refuse(hour, "command")).toBe(true);
    expect(await refuse(2 * hour, "command")).toBe(false); // A script that retries.
    expect(await refuse(3 * hour, "command", "eve")).toBe(true);
    expect(await refuse(4 * hour, "other")).toBe(true);
    expect(await refuse(25 * hour, "command")).toBe(true);
    expect(await refuse(26 * hour, "purged since")).toBe(true);
    const long = `\u0000${"x".repeat(300)}`;
    expect([await refuse(0, "purged since", long), await refuse(1, "purged since", long)]).toEqual([
      true,
      false,
    ]);
    for (const run of [command, part]) {
      const line = { run, ms: 0, kind: "machine", microUsd: 7, seconds: 1, quantity: 0, unit: "" };
      await write((transaction) =>
        addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: "test" }),
      );
    }
    const found = await readRefusals(database, 0);
    expect(found.map(({ ms, person, earlier, microUsd }) => [ms / hour, person, earlier, microUsd])).toEqual([
      [25, "bob", "command", 14], // Cost of the command and of the runs that it logged.
      [4, "bob", "other", 0],
      [3, "eve", "command", 14],
      [1, "bob", "command", 14],
    ]);
    expect(await readRefusals(database, 4 * hour)).toHaveLength(2);
    const among = { sql: "projects.number = ?", values: [tickets] };
    expect((await readRefusals(database, 0, among)).map(({ projectName }) => projectName)).toEqual([
      ...["tickets", "tickets", "tickets"],
    ]);
  });
});
