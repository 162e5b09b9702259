/** @file Student's quantiles and the stretch of a bootstrap, against SciPy's. */
import { expect, test } from "vitest";
import { expansion, studentQuantile } from "./student.ts";

// The expansion of Abramowitz and Stegun 26.7.5 in fractions, to the last digit.
test.each([
  [2, 4, 11719 / 4096],
  [1, 2, 169 / 128],
  [2, 1, 667 / 64],
  [0, 7, 0],
])("the expansion of z = %i with %i degrees is %d", (z, degrees, quantile) => {
  expect(studentQuantile(z, degrees)).toBeCloseTo(quantile, 13);
});

// scipy.stats.t.ppf(0.975, degrees)
test.each([
  [5, 2.5705818356],
  [10, 2.228138852],
  [24, 2.0638985616],
  [100, 1.9839715185],
])("with %i degrees the quantile is within 0.003 of %d", (degrees, quantile) => {
  expect(Math.abs(studentQuantile(1.959963984540054, degrees) - quantile)).toBeLessThan(0.003);
});

// t.ppf(0.975, n - 1) / norm.ppf(0.975) * sqrt(n / (n - 1))
test.each([
  [2, 9.1681720715],
  [3, 2.6886472944],
  [4, 1.8749183613],
  [5, 1.5837842022],
  [6, 1.4367260505],
  [10, 1.2166157331],
  [30, 1.0613426479],
])("%i units stretch by %d, however few", (units, stretch) => {
  expect(Math.abs(expansion(units) / stretch - 1)).toBeLessThan(0.0012);
});

test("fewer units stretch more, many hardly at all", () => {
  const stretches = [2, 3, 5, 10, 100, 10_000].map(expansion);
  expect(stretches).toEqual([...stretches].sort((a, b) => b - a));
  expect(stretches.at(-1)).toBeCloseTo(1, 3);
  expect(stretches.at(-1)).toBeGreaterThan(1);
});
