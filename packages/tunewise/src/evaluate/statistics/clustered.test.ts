/** @file Tests the clustered bootstrap: closed forms of the interval and the p-value, and the coverage. */

import { mulberry32, randomNormal } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { bootstrapMean } from "./clustered.ts";

const settings = { seed: 3, draws: 2000 };

describe("closed forms", () => {
  // A draw of two groups contains both (1/2), the first twice or the second twice (1/4 each). The 2.5 % and 97.5 %
  // quantiles are therefore those of one group, widened for two units by 9.16817 (Student's t with one degree).
  test("two groups of different size: the mean is that of rows, the bounds are those of one group alone", () => {
    const mean = bootstrapMean([1, 0, 1, 1], ["a", "b", "a", "a"], settings);
    expect(mean).toEqual({
      value: 0.75,
      interval: { low: expect.closeTo(-6.1261291, 6), high: expect.closeTo(3.042043, 6) },
      pValue: expect.closeTo(0.5, 1), // the mean is below 0 if the second group is drawn twice
      units: 2,
    });
  });

  test.each([
    { value: 2, draws: 99, pValue: 2 / 100 },
    { value: -2, draws: 99, pValue: 2 / 100 },
    { value: 2, draws: 999, pValue: 2 / 1000 },
    { value: 0, draws: 99, pValue: 1 },
  ])("rows that are all $value: no width, and p = $pValue after $draws draws", ({ value, draws, pValue }) => {
    expect(bootstrapMean([value, value, value], null, { seed: 1, draws })).toEqual({
      value,
      interval: { low: value, high: value },
      pValue,
      units: 3,
    });
  });

  test("one group, or one row, has a value and no interval", () => {
    expect(bootstrapMean([1, 0, 0, 1], ["a", "a", "a", "a"], settings)).toEqual({
      value: 0.5,
      interval: null,
      pValue: 1,
      units: 1,
    });
    expect(bootstrapMean([0.25], null, settings)).toEqual({
      value: 0.25,
      interval: null,
      pValue: 1,
      units: 1,
    });
  });
});

test("a change of sign turns the interval round and leaves the p value", () => {
  const values = Array.from({ length: 60 }, (_, at) => Math.sin(at * 12.9898) + 0.2);
  const there = bootstrapMean(values, null, settings);
  const back = bootstrapMean(
    values.map((one) => -one),
    null,
    settings,
  );
  expect(back.value).toBeCloseTo(-there.value, 12);
  expect(back.interval?.low).toBeCloseTo(-(there.interval?.high ?? 0), 12);
  expect(back.pValue).toBe(there.pValue);
});

test("rows of one group that rise and fall together say less than rows that stand for themselves", () => {
  const groups = Array.from({ length: 100 }, (_, row) => row >> 2);
  const values = groups.map((group) => Math.sin(group * 12.9898));
  const width = (of: readonly number[] | null): number => {
    const { interval } = bootstrapMean(values, of, settings);
    return (interval?.high ?? 0) - (interval?.low ?? 0);
  };
  expect(width(groups) / width(null)).toBeCloseTo(2, 0); // four rows per group: the square root of 4
});

test("coverage of 95 % intervals: means of skewed scores in 25 groups of 4", () => {
  const random = mulberry32(11);
  let held = 0;
  const worlds = 400;
  for (let world = 0; world < worlds; world++) {
    const groups = Array.from({ length: 100 }, (_, row) => row >> 2);
    const shared = Array.from({ length: 25 }, () => randomNormal(random));
    const values = groups.map((group) => 0.3 + (shared[group] ?? 0) + randomNormal(random));
    const { interval } = bootstrapMean(values, groups, { seed: world, draws: 500 });
    if (interval && interval.low <= 0.3 && interval.high >= 0.3) held++;
  }
  expect(held / worlds).toBeGreaterThan(0.92);
  expect(held / worlds).toBeLessThan(0.98);
});
