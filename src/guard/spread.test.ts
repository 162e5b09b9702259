/** @file Means and spreads against figures worked out by hand. */
import { expect, test } from "vitest";
import { mean, meanVariance, median, robustDeviation } from "./spread.ts";

test.each([
  [[], Number.NaN],
  [[3], 3],
  [[10, 9, 2], 9],
  [[1, 10, 2, 4], 3],
  [[-5, 1e6, 0], 0],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});

test("looking for the median leaves the values in their order", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

// distances from the median 3: 2, 1, 0, 1, 97, whose median is 1
test.each([
  [[1, 2, 3, 4, 100], 1.4826],
  [[7, 7, 7], 0],
])("the robust deviation of %j is %d", (values, expected) => {
  expect(robustDeviation(values)).toBe(expected);
});

test.each([
  [[], 0, 0],
  [[5], 5, 0],
  // squared distances 1 and 1: a variance of 2, half of it for two values
  [[1, 3], 2, 1],
  // 4, 1, 0 and 9: a variance of 14 / 3, a quarter of it for four
  [[1, 2, 3, 6], 3, 14 / 12],
])("the mean of %j is %d, its squared standard error %d", (values, middle, variance) => {
  expect(mean(values)).toBe(middle);
  expect(meanVariance(values)).toBeCloseTo(variance, 12);
});
