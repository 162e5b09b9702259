/**
 * A try with a paid endpoint on a disk that fails at the n-th write. Account, ledger, report and `spend` report the
 * same sum, equal to what the endpoint served, and no answer is charged twice.
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
