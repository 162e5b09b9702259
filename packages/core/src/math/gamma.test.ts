/** @file Logarithms of factorials and binomial coefficients, compared with sums of logarithms and SciPy. */
import { expect, test } from "vitest";
import { logChoose, logGamma } from "./gamma.ts";

test("log-gamma of whole and half numbers", () => {
  let factorial = 0;
  for (let n = 1; n < 60; n++) {
    expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-11);
    factorial += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
});

// scipy.special.gammaln(x)
test.each([
  [0.001, 6.907178885383853],
  [0.1, 2.252712651734206],
  [3.3, 0.9870985778947343],
  [11.9, 17.25847745059552],
  [12, 17.502307845873887],
  [12.5, 18.73434751193645],
  [100.25, 360.28455963776423],
  [1e6, 12815504.569147611],
])("log-gamma of %d to 14 digits", (x, value) => {
  expect(Math.abs(logGamma(x) - value)).toBeLessThan(2e-14 * Math.max(1, Math.abs(value)));
});

test.each([
  [5, 2, 10],
  [10, 1, 10],
  [52, 5, 2_598_960],
  [1000, 3, 166_167_000],
])("%i over %i is %i", (n, k, ways) => {
  expect(Math.exp(logChoose(n, k) - Math.log(ways))).toBeCloseTo(1, 11);
  expect(logChoose(n, n - k)).toBeCloseTo(logChoose(n, k), 11);
});

test("there is exactly one way to take none, or all", () => {
  for (const n of [0, 1, 7, 12, 1000, 1e7]) expect([logChoose(n, 0), logChoose(n, n)]).toEqual([0, 0]);
});
