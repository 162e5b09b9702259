/** @file Means and spreads, compared with values computed by hand. */
import { expect, test } from "vitest";
import {
  mean,
  meanVariance,
  median,
  nearestQuantile,
  populationVariance,
  quantile,
  robustDeviation,
} from "./summary.ts";

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
  // squared deviations 1 and 1: a variance of 2, divided by two values
  [[1, 3], 2, 1],
  // 4, 1, 0 and 9: a variance of 14 / 3, divided by four values
  [[1, 2, 3, 6], 3, 14 / 12],
])("the mean of %j is %d, its squared standard error %d", (values, middle, variance) => {
  expect(mean(values)).toBe(middle);
  expect(meanVariance(values)).toBeCloseTo(variance, 12);
});

test("population variance divides by n; none has none", () => {
  // squared deviations from 3: 4, 1, 0 and 9
  expect(populationVariance([1, 2, 3, 6])).toBe(14 / 4);
  expect(populationVariance([])).toBe(0);
});

// numpy.quantile
test.each([
  [0, 1],
  [0.25, 1.75],
  [0.5, 3],
  [0.9, 8.2],
  [1, 10],
])("the quantile of 1, 2, 4, 10 at %d is %d", (share, expected) => {
  expect(quantile([1, 2, 4, 10], share)).toBeCloseTo(expected, 12);
});

test("a quantile may be infinite, and of nothing is no number", () => {
  expect(quantile([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.75)).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(quantile([], 0.5)).toBeNaN();
});

test("the nearest quantile is one of the values", () => {
  expect([0, 0.4, 0.5, 1].map((share) => nearestQuantile([1, 2, 4, 10], share))).toEqual([1, 2, 4, 10]);
  expect(nearestQuantile([], 0.5)).toBe(0);
});
