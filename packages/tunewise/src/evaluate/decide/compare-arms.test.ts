import { describe, expect, test } from "vitest";
import { armOf } from "../../../../../test/support/decision-arms.ts";
import { pairedDifference } from "../statistics/proportion.ts";
import { compareArms, testPair } from "./compare-arms.ts";

/** Outcomes of two arms, from the number of rows that both, only the first, only the second, or neither got right. */
function pairOf(both: number, first: number, second: number, neither: number): [number[], number[]] {
  const row = (count: number, one: number) => Array.from({ length: count }, () => one);
  return [
    [...row(both, 1), ...row(first, 1), ...row(second, 0), ...row(neither, 0)],
    [...row(both, 1), ...row(first, 0), ...row(second, 1), ...row(neither, 0)],
  ];
}
const alone = { groups: null, seed: 1 };
/** Nine of ten flips go one way: 2 (1 + 10) of 2^10 splits are at least as uneven. */
const nineOfTen = expect.closeTo(22 / 1024, 12);

describe("two arms", () => {
  test("right or wrong rows that stand for themselves: McNemar's exact test and Newcombe's interval", () => {
    const [one, other] = pairOf(5, 9, 1, 4);
    const counts = { both: 5, onlyTuned: 9, onlyBase: 1, neither: 4 };
    expect(testPair(one, other, alone)).toEqual({ interval: pairedDifference(counts), pValue: nineOfTen });
    const { interval, pValue } = testPair(other, one, alone);
    expect(pValue).toEqual(nineOfTen);
    expect(interval?.high).toBeLessThan(0);
  });

  test("graded scores: signs are flipped, and the same seed says the same", () => {
    const one = Array.from({ length: 12 }, (_, row) => 0.5 + row / 100);
    const other = one.map((score) => score - 0.125);
    const found = testPair(one, other, alone);
    expect(found.pValue).toBeLessThan(0.002); // 2 of 4,096 sign combinations
    expect(found.interval?.low).toBeCloseTo(0.125, 12);
    expect(testPair(one, other, alone)).toEqual(found);
  });

  test.each<[string, number]>([
    ["the first", 0],
    ["the second", 1],
  ])("one graded arm is enough for that: %s", (_, graded) => {
    const pair = pairOf(0, 6, 1, 0);
    pair[graded] = pair[graded]?.map((score) => (score === 1 ? 0.9 : score)) ?? [];
    // McNemar's p-value would be 16 / 128 (2 splits with no row against, 14 with one); graded scores use sizes instead
    expect(testPair(...pair, alone).interval?.low).not.toBe(
      testPair(...pairOf(0, 6, 1, 0), alone).interval?.low,
    );
  });

  test("rows of one group rise and fall together: 40 rows of two groups show nothing", () => {
    const [one, other] = pairOf(0, 40, 0, 0);
    expect(testPair(one, other, alone).pValue).toBeLessThan(1e-9);
    const groups = one.map((_, row) => row % 2);
    expect(testPair(one, other, { ...alone, groups }).pValue).toBeGreaterThanOrEqual(0.25);
    const whole = one.map(() => "same");
    expect(testPair(one, other, { ...alone, groups: whole })).toMatchObject({ interval: null });
  });
});

describe("one arm against others", () => {
  const [ahead, behind] = pairOf(5, 9, 1, 5);
  const head = armOf("head", "tuned", ahead);
  const other = armOf("other", "prompt", behind);

  test("each comparison has its names, its difference, and a verdict in the direction of it", () => {
    expect(compareArms(head, [other], alone)).toMatchObject([
      {
        arm: "head",
        against: "other",
        difference: expect.closeTo(0.4, 12),
        pValue: nineOfTen,
        adjusted: nineOfTen,
        verdict: "better",
      },
    ]);
    expect(compareArms(other, [head], alone)).toMatchObject([
      { difference: expect.closeTo(-0.4, 12), verdict: "worse" },
    ]);
  });

  test("the more is compared, the more a difference must show: Holm's correction decides", () => {
    const twin = armOf("twin", "few-shot", ahead);
    const [first, second, third] = compareArms(head, [twin, other, twin], alone);
    expect(second).toMatchObject({
      pValue: nineOfTen,
      adjusted: expect.closeTo(66 / 1024, 12),
      verdict: "unclear",
    });
    for (const one of [first, third])
      expect(one).toMatchObject({ difference: 0, pValue: 1, verdict: "unclear" });
  });
});
