import { mulberry32, quantile } from "@tunewise/core/math";
import { range, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf } from "../../../../../test/support/decision-arms.ts";
import { drawQualities, simulate } from "./draws.ts";

const mean = (values: Float64Array): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const spread = (values: Float64Array): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / values.length);
};
const drawn = (
  rows: readonly number[],
  groups: readonly number[] | null = null,
  count = 40_000,
): Float64Array => drawQualities([rows], groups, count, mulberry32(3))[0] as Float64Array;

describe("qualities", () => {
  // k of n rows right, plus half counts: Beta(k + 1/2, n - k + 1/2), widened by sqrt((n + 1) / (n - 1)) t / z;
  // t is the tabulated 95 % quantile for n - 1 degrees of freedom
  test.each([
    ["6 of 9", 6, 9, 1.8595],
    ["20 of 25", 20, 25, 1.7109],
    ["3 of 6", 3, 6, 2.015],
  ])(
    "%s right: middle and spread of the half-count posterior, as wide as Student's t",
    (_, right, rows, t) => {
      const wider = Math.sqrt((rows + 1) / (rows - 1)) * (t / 1.6449);
      const posterior = (right + 0.5) / (rows + 1);
      const variance = ((right + 0.5) * (rows - right + 0.5)) / ((rows + 1) ** 2 * (rows + 2));
      const found = drawn(rightOf(right, rows));
      expect(mean(found)).toBeCloseTo(right / rows + (posterior - right / rows) * wider, 2);
      expect(spread(found) / (Math.sqrt(variance) * wider)).toBeCloseTo(1, 1.5);
    },
  );

  test("all right is not certainly all right, nor all wrong certainly all wrong", () => {
    expect(drawn(rightOf(20, 20), null, 100).every((one) => one < 1)).toBe(true);
    expect(drawn(rightOf(0, 20), null, 100).every((one) => one > 0)).toBe(true);
  });

  test("groups are drawn whole: 200 rows in ten groups are known as well as ten rows", () => {
    const rows = Array.from({ length: 200 }, (_, row) => (row % 10 < 7 ? 1 : 0));
    const groups = rows.map((_, row) => row % 10);
    // half counts weigh less with 200 rows than with ten, so the ratio is only about 1
    expect(spread(drawn(rows, groups, 10_000)) / spread(drawn(rightOf(7, 10)))).toBeCloseTo(1, 1);
    expect(spread(drawn(rows, null, 2000)) / spread(drawn(rows, groups, 2000))).toBeLessThan(0.25);
  });

  test("a single group says little, and still something finite", () => {
    const found = drawn([1, 0, 1], [5, 5, 5], 200);
    expect(found.every(Number.isFinite)).toBe(true);
    expect(spread(found)).toBeGreaterThan(0.1);
  });

  test("what arms have in common cancels", () => {
    const rows = rightOf(120, 200);
    const [one, twin, other] = drawQualities([rows, rows, rows.toReversed()], null, 5000, mulberry32(7)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const against = (two: Float64Array) => spread(one.map((value, draw) => value - (two[draw] ?? 0)));
    expect(against(twin)).toBeLessThan(0.2 * spread(one));
    expect(against(other)).toBeGreaterThan(spread(one));
  });
});

describe("money and volume", () => {
  const costly = armOf("a", "tuned", rightOf(8, 10), { once: 30, thousand: 4, monthly: 7 });

  test("what is known to the cent is the same in every world: once, months of upkeep, an answer, all answers", () => {
    const { count, answers, arms } = simulate({ ...inputFor([costly]), draws: 3 });
    expect(count).toBe(3);
    expect([...(answers ?? [])]).toEqual([10_000, 10_000, 10_000]);
    expect([...(arms[0]?.fixedUsd ?? [])]).toEqual([100, 100, 100]);
    expect([...(arms[0]?.usdPerAnswer ?? [])]).toEqual([0.004, 0.004, 0.004]);
    expect(arms[0]?.quality).toHaveLength(3);
  });

  test("4,000 simulations where no number is named, the same for the same seed, others for another", () => {
    const input = inputFor([costly]);
    const simulations = simulate(input);
    expect(simulations.count).toBe(4000);
    expect(simulations.arms[0]?.quality).toHaveLength(4000);
    expect(simulate(input)).toEqual(simulations);
    expect(simulate({ ...input, seed: 2 })).not.toEqual(simulations);
  });

  test("an unknown volume stays unknown", () => {
    expect(simulate({ ...inputFor([costly]), answersPerMonth: null, draws: 2 }).answers).toBeNull();
  });

  test("low and high are passed by one world of twenty each, and expected is the middle", () => {
    const arm = { ...costly, usdPerThousandAnswers: range(usd(1), usd(4), usd(8)) };
    const { arms } = simulate({ ...inputFor([arm]), draws: 20_000 });
    const sorted = (arms[0]?.usdPerAnswer ?? new Float64Array()).slice().sort();
    const at = (share: number) => 1000 * quantile(sorted, share);
    expect(at(0.05)).toBeCloseTo(1, 1);
    expect(at(0.5) / 4).toBeCloseTo(1, 1);
    expect(at(0.95) / 8).toBeCloseTo(1, 1);
    // z of 99.95 % = 3.2905 is twice that of 95 %, so the factor is squared
    expect(at(0.9995) / 16).toBeGreaterThan(0.8);
    expect(at(0.9995) / 16).toBeLessThan(1.25);
  });

  test("nothing at the low end is a small share, and what is expected to be free is free", () => {
    const arm = {
      ...costly,
      usdPerThousandAnswers: range(usd(0), usd(4), usd(8)),
      usdToGetThere: range(usd(0), usd(0), usd(50)),
      usdPerMonth: range(usd(0), usd(0), usd(0)),
    };
    const { arms } = simulate({ ...inputFor([arm]), draws: 500 });
    expect(arms[0]?.usdPerAnswer.every((one) => one > 0 && Number.isFinite(one))).toBe(true);
    expect(arms[0]?.fixedUsd.every((one) => one === 0)).toBe(true);
  });
});
