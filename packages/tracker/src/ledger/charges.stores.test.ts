/**
 * @file Charges other than machine time are recorded in the ledger once, and count toward the command they belong to.
 */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { addCharge, addReserved, type Charge, chargedToLaunch } from "./charges.ts";
import { addSpend, readSpend } from "./spend.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("a charge that a client repeats is there once, one that differs in anything is another", async () => {
    const { database, write, add } = await trackedStore(await make());
    const [run, other] = [await add("a"), await add("b")];
    const charge: Charge = {
      run,
      ms: 7,
      kind: "tokens",
      microUsd: 120,
      quantity: 3000,
      unit: "tokens",
      source: "bill 1",
    };
    const charged = (more: Partial<Charge>): Promise<boolean> =>
      write((transaction) => addCharge(transaction, { ...charge, ...more }));
    expect([await charged({}), await charged({})]).toEqual([true, false]);
    const others: Partial<Charge>[] = [
      ...[{ run: other }, { ms: 8 }, { kind: "other" } as const, { microUsd: 121 }, { quantity: 2999 }],
      ...[{ unit: "GB-months" }, { source: "bill 2" }],
    ];
    for (const more of others) expect([await charged(more), await charged(more)]).toEqual([true, false]);
    const [first, ...rest] = await readSpend(database, run);
    expect(first).toEqual({
      run,
      ms: 7,
      kind: "tokens",
      microUsd: 120,
      seconds: 0,
      quantity: 3000,
      unit: "tokens",
      priceMicroUsdPerHour: 0,
      priceSource: "bill 1",
    });
    expect(rest).toHaveLength(others.length - 1);
  });

  it("a command pays for its own charges and those of the runs it logged, and for no machine's time", async () => {
    const { database, write, add } = await trackedStore(await make());
    const launch = await add("launch", { client: "exec" });
    const [part, stranger] = [await add("part", { launchedBy: launch }), await add("stranger")];
    expect(await chargedToLaunch(database, launch)).toBe(0);
    await write(async (transaction) => {
      const time = { seconds: 9, quantity: 0, unit: "", priceMicroUsdPerHour: 1, priceSource: "--rate" };
      await addSpend(transaction, { run: launch, ms: 1, kind: "machine", microUsd: 10_000, ...time });
      const charge = { ms: 1, kind: "storage", quantity: 0, unit: "", source: "bill" } as const;
      await addCharge(transaction, { ...charge, run: launch, microUsd: 5 });
      await addCharge(transaction, { ...charge, run: part, microUsd: 70 });
      await addCharge(transaction, { ...charge, run: stranger, microUsd: 900 });
      await addReserved(transaction, { run: part, reservation: 1, microUsd: 1000, ms: 1 });
    });
    expect(await chargedToLaunch(database, launch)).toBe(1075);
  });
});
