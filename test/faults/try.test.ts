/**
 * A try with an endpoint that is paid, on a disk that fails at the n-th thing that is written: purse, ledger, report
 * and `spend` name one sum, which is what the endpoint served, and no answer is paid for twice.
 */
import { describe, expect, test } from "vitest";
import { faultTurns } from "../support/fault-turns.ts";
import { meetInTry } from "../support/faulty-try.ts";

describe("a try that pays an endpoint, on a disk that fails", () => {
  test("once, at one operation after another", { timeout: 900_000 }, async () => {
    const whole = await meetInTry(null);
    expect(whole).toMatchObject({ wrong: [], fired: false, said: { code: 0, err: "" } });
    expect(whole.operations.length).toBeGreaterThan(80);
    const { turns, again } = faultTurns(whole.operations, { usualStride: 12 });
    console.info(again);
    const wrong: string[] = [];
    for (const { at, kind } of turns) {
      const met = await meetInTry({ at, kind });
      wrong.push(...met.wrong.map((line) => `${at} ${whole.operations[at - 1]}, ${kind}: ${line}`));
    }
    expect(wrong).toEqual([]);
  });
});
