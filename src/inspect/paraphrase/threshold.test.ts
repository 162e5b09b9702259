import { describe, expect, test } from "vitest";
import { chooseThreshold as choose, type Threshold } from "./threshold.ts";

const limits = { falseAlarmRate: 0.01, falseShare: 0.05 };

/** Standings of clean rows: a bulk and an exponential tail; the same numbers each time. */
function clean(count: number, seed: number, middle = 0.2): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return middle * (0.7 + 0.25 * -Math.log((state + 1) / 2 ** 32));
  });
}

/** The nexts are those of clean rows of the same kind. */
function chooseThreshold(
  known: Float64Array,
  held: Float64Array,
  certain: number,
  middle = [0.2, 0.2],
): Threshold {
  const [mine, theirs] = middle.map((one) => clean(1_000, 3, one / 2)) as [Float64Array, Float64Array];
  return choose({ standings: known, nexts: mine }, { standings: held, nexts: theirs }, certain, limits);
}

const over = (list: Float64Array, least: number): number =>
  list.filter((standing) => standing >= least).length;

describe("chooseThreshold", () => {
  test("flags about one row where nothing has leaked", () => {
    const alarms = Array.from({ length: 20 }, (_, round) => {
      const held = clean(5_000, 100 + round);
      return over(held, chooseThreshold(clean(3_000, 7), held, 0).standing);
    });
    expect(alarms.reduce((a, b) => a + b) / alarms.length).toBeLessThan(3);
  });

  test("goes lower the more rows have leaked, and keeps false alarms to the share", () => {
    const known = clean(3_000, 7);
    const held = clean(5_000, 8);
    const leaked = clean(500, 9, 0.6);
    const { standing } = chooseThreshold(known, Float64Array.of(...held, ...leaked), 0);
    expect(standing).toBeLessThan(chooseThreshold(known, held, 0).standing);
    expect(over(leaked, standing)).toBeGreaterThan(400);
    expect(over(held, standing) / (over(held, standing) + over(leaked, standing))).toBeLessThan(0.1);
  });

  test("is not led astray by repeats among the known rows", () => {
    const held = clean(5_000, 8);
    const repeated = Float64Array.of(...clean(3_000, 7), ...new Float64Array(30).fill(0.8));
    const plain = chooseThreshold(clean(3_000, 7), held, 0).standing;
    expect(chooseThreshold(repeated, held, 0).standing).toBeLessThan(1.3 * plain);
  });

  test("follows held-out rows that are farther from the known rows than those are from each other", () => {
    const far = clean(5_000, 8, 0.15);
    const near = chooseThreshold(clean(3_000, 7, 0.3), clean(5_000, 8, 0.3), 0).standing;
    expect(chooseThreshold(clean(3_000, 7, 0.3), far, 0, [0.3, 0.15]).standing).toBeLessThan(0.8 * near);
  });

  test("is fixed with few known rows, and 1 where all rows are alike", () => {
    expect(chooseThreshold(clean(20, 7), clean(5, 8), 0)).toMatchObject({
      measuredOn: 0,
      standing: 0.4,
    });
    const alike = chooseThreshold(clean(3_000, 7, 0.6), clean(3_000, 8, 0.6), 0);
    expect(alike.standing).toBe(1);
    expect(alike.how).toMatch(/^rows nearly the same alone/);
  });
});
