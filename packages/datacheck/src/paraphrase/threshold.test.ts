import { describe, expect, test } from "vitest";
import { chooseThreshold } from "./threshold.ts";

const limits = { falseAlarmRate: 0.01, falseShare: 0.05 };

/** Standings of clean rows: a bulk and an exponential tail; deterministic. */
function clean(count: number, seed: number, middle = 0.2): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return middle * (0.7 + 0.25 * -Math.log((state + 1) / 2 ** 32));
  });
}

const over = (list: Float64Array, least: number): number =>
  list.filter((standing) => standing >= least).length;

describe("chooseThreshold", () => {
  test("flags about one row where nothing has leaked", () => {
    const alarms = Array.from({ length: 20 }, (_, round) => {
      const held = clean(5_000, 100 + round);
      return over(held, chooseThreshold(clean(5_000, round), held, 0, limits).standing);
    });
    expect(alarms.reduce((a, b) => a + b) / alarms.length).toBeLessThan(3);
  });

  test("goes lower the more rows have leaked, and keeps false alarms to the share", () => {
    const held = clean(5_000, 8);
    const leaked = clean(500, 9, 0.6);
    const { standing } = chooseThreshold(clean(5_500, 7), Float64Array.of(...held, ...leaked), 0, limits);
    expect(standing).toBeLessThan(chooseThreshold(clean(5_000, 7), held, 0, limits).standing);
    expect(over(leaked, standing)).toBeGreaterThan(400);
    expect(over(held, standing) / (over(held, standing) + over(leaked, standing))).toBeLessThan(0.1);
  });

  test("stays where it is if all rows have leaked", () => {
    const { standing } = chooseThreshold(clean(500, 7), clean(500, 9, 0.6), 0, limits);
    expect(standing).toBeLessThan(0.45);
  });

  test("counts rows flagged already", () => {
    const held = Float64Array.of(...clean(5_000, 8), ...clean(30, 9, 0.6));
    const alone = chooseThreshold(clean(5_000, 7), held, 0, limits).standing;
    expect(chooseThreshold(clean(5_000, 7), held, 1_000, limits).standing).toBeLessThan(alone);
  });

  test("is fixed with few rows, and 1 where all rows are alike", () => {
    const few = chooseThreshold(clean(20, 7), clean(5, 8), 0, limits);
    expect(few).toMatchObject({ measuredOn: 0, standing: 0.3 });
    const alike = chooseThreshold(clean(3_000, 7, 0.7), clean(3_000, 8, 0.6), 0, limits);
    expect(alike.standing).toBe(1);
    expect(alike.how).toMatch(/^none, because rows here are as similar as paraphrases/);
  });

  test("says so where known rows are nearer to each other than to held-out rows, or farther", () => {
    const how = (density: number): string =>
      chooseThreshold(clean(3_000, 7), clean(500, 9), 0, limits, { repeated: 0, density }).how;
    expect(how(1.1)).toMatch(/^from 0\.\d\d on, which \d+ of 3000 known rows reach among each other$/);
    expect(how(0.5)).toContain(
      "scaled by 0.50, because known rows are generally nearer to each other than to held-out rows",
    );
    expect(how(1.5)).toContain(
      "scaled by 1.50, because known rows are generally nearer to held-out rows than to each other",
    );
  });

  test("says so where known rows are paraphrases of each other", () => {
    const unsure = chooseThreshold(clean(3_000, 7), clean(500, 9), 0, limits, { repeated: 0.4, density: 1 });
    expect(unsure.falseAlarmRate).toBeNull();
    expect(unsure.how).toContain("is unknown, because 40 % of the known rows are paraphrases of each other");
  });
});
