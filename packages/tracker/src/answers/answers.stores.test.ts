/**
 * @file Spending accounts enforce their cap under concurrency, answers are stored once, and one owner asks at a time.
 */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import {
  dropPaidAnswer,
  findPaidAnswer,
  keepPaidAnswer,
  keptRequests,
  type PaidAnswer,
  releaseLease,
  renewLease,
  takeLease,
} from "./paid-answers.ts";
import { type Reservation, readAccount, reserve, settle } from "./spending-account.ts";

const paid: PaidAnswer = {
  request: "r1",
  model: "m",
  answer: '{"text":"\\u0000 ü 🙂"}',
  promptTokens: 5,
  answerTokens: 7,
  microUsd: 12,
  ms: 1000,
};

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function open(place?: string): Promise<Database> {
    const database = await openDatabase(place ?? (await make()));
    onTestFinished(() => database.close());
    return database;
  }

  const wish = (maxMicroUsd: number, more: Partial<Reservation> = {}): Reservation => ({
    account: "p",
    capMicroUsd: 100,
    owner: "h",
    request: "r",
    nowMs: 10,
    expiresMs: 20,
    maxMicroUsd,
    ...more,
  });

  it("sets aside up to the cap and no further, and takes what was spent in its place", async () => {
    const database = await open();
    const numbers: number[] = [];
    const ask = (asked: Reservation): Promise<string> =>
      database.transaction(async (transaction) => {
        const outcome = await reserve(transaction, asked);
        if (outcome.kind === "reserved") numbers.push(outcome.number);
        return outcome.kind;
      });
    expect(await ask(wish(60))).toBe("reserved");
    expect(await ask(wish(41))).toBe("refused");
    expect(await ask(wish(41, { account: "other" }))).toBe("reserved");
    expect(await ask(wish(40))).toBe("reserved");
    expect(await ask(wish(0))).toBe("reserved");
    expect(await ask(wish(1))).toBe("refused");
    const done = (number = 0, microUsd = 0): Promise<boolean> =>
      database.transaction((transaction) => settle(transaction, number, microUsd));
    expect(await done(numbers[0], 5)).toBe(true);
    expect(await done(numbers[0], 5)).toBe(false);
    expect(await readAccount(database, "p", 10)).toEqual({
      spentMicroUsd: 5,
      reservedMicroUsd: 40,
      lostMicroUsd: 0,
    });
    // An owner that does not come back: its reservation remains.
    expect(await readAccount(database, "p", 20)).toMatchObject({ reservedMicroUsd: 0, lostMicroUsd: 40 });
    expect(await ask(wish(56, { nowMs: 30, expiresMs: 40 }))).toBe("refused");
    expect(await ask(wish(55, { nowMs: 30, expiresMs: 40 }))).toBe("reserved");
    expect(await readAccount(database, "none", 0)).toMatchObject({ spentMicroUsd: 0 });
    await expect(ask(wish(-1))).rejects.toThrow("no amount");
    await expect(ask(wish(0.5))).rejects.toThrow("no amount");
  });

  it("never passes the cap, whatever several connections set aside, settle and forget", async () => {
    const place = await make();
    const databases = place === ":memory:" ? [await open(place)] : [await open(place), await open(place)];
    const step = fc.record({
      at: fc.nat(1),
      most: fc.integer({ min: 0, max: 40 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      isForgotten: fc.boolean(),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const account = `account ${round++}`;
        await Promise.all(
          steps.map(async ({ at, most, share, isForgotten }) => {
            const database = databases[at % databases.length] as Database;
            const outcome = await database.transaction((transaction) =>
              reserve(transaction, wish(most, { account })),
            );
            if (outcome.kind === "refused" || isForgotten) return;
            await database.transaction((transaction) =>
              settle(transaction, outcome.number, Math.floor(most * share)),
            );
          }),
        );
        const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = await readAccount(
          databases[0] as Database,
          account,
          15,
        );
        expect(spentMicroUsd + reservedMicroUsd + lostMicroUsd).toBeLessThanOrEqual(100);
      }),
      { numRuns: place === ":memory:" ? 100 : 15 },
    );
  });

  it("keeps an answer to the last character, and knows which are there", async () => {
    const database = await open();
    await database.transaction((transaction) => keepPaidAnswer(transaction, paid));
    await database.transaction((transaction) => keepPaidAnswer(transaction, { ...paid, microUsd: 13 }));
    expect(await findPaidAnswer(database, "r1")).toEqual({ ...paid, microUsd: 13 });
    expect(await findPaidAnswer(database, "r2")).toBeNull();
    const many = Array.from({ length: 1200 }, (_, at) => `r${at}`);
    expect([...(await keptRequests(database, many))]).toEqual(["r1"]);
    await database.transaction((transaction) => dropPaidAnswer(transaction, "r1"));
    expect((await keptRequests(database, many)).size).toBe(0);
  });

  it("lets one owner ask a question, until it lets go, is late or dead", async () => {
    const database = await open();
    const claim = (owner: string, nowMs: number, dead: string | null = null): Promise<unknown> =>
      database.transaction((transaction) =>
        takeLease(transaction, { request: "r1", owner, nowMs, expiresMs: nowMs + 10, dead }),
      );
    expect(await claim("a", 0)).toEqual({ kind: "yours" });
    expect(await claim("a", 1)).toEqual({ kind: "yours" });
    expect(await claim("b", 2)).toEqual({ kind: "taken", owner: "a", expiresMs: 11 });
    expect(await claim("b", 2, "c")).toMatchObject({ kind: "taken" });
    expect(await claim("b", 2, "a")).toEqual({ kind: "yours" });
    const renew = (owner: string): Promise<boolean> =>
      database.transaction((transaction) => renewLease(transaction, { request: "r1", owner, expiresMs: 50 }));
    expect([await renew("a"), await renew("b")]).toEqual([false, true]);
    expect(await claim("a", 49)).toMatchObject({ kind: "taken", expiresMs: 50 });
    expect(await claim("a", 50)).toEqual({ kind: "yours" });
    await database.transaction((transaction) => releaseLease(transaction, "r1", "b"));
    expect(await claim("b", 51)).toMatchObject({ kind: "taken" });
    await database.transaction((transaction) => keepPaidAnswer(transaction, paid));
    expect(await claim("b", 51)).toEqual({ kind: "kept", paid });
    expect(await claim("b", 99)).toEqual({ kind: "kept", paid });
    expect(await database.all("SELECT holder FROM answer_claims")).toEqual([]);
  });
});
