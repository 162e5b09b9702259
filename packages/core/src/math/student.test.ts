/** @file The normal distribution and Student's t, compared with SciPy and printed tables. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { logBeta } from "./gamma.ts";
import { normal80, normal95, normal975, normalCdf, normalQuantile } from "./normal.ts";
import { studentCdf, studentQuantile } from "./student.ts";

interface Golden {
  readonly normal: readonly { readonly z: number; readonly cdf: number }[];
  readonly normalQuantiles: readonly { readonly probability: number; readonly z: number }[];
  readonly student: readonly { readonly degrees: number; readonly value: number; readonly cdf: number }[];
  readonly studentQuantiles: readonly {
    readonly degrees: number;
    readonly probability: number;
    readonly value: number;
  }[];
  readonly logBeta: readonly { readonly a: number; readonly b: number; readonly log: number }[];
}

const file = new URL("../../../../test/conformance/golden/distributions.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;

/** Compares to a number of significant digits, so that small values are checked too. */
function expectClose(found: number, expected: number, digits: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(
    10 ** -digits * Math.max(Math.abs(expected), 1e-300),
  );
}

describe("the normal distribution", () => {
  test.each(golden.normal)("below $z: $cdf", ({ z, cdf }) => expectClose(normalCdf(z), cdf, 13));
  test.each(golden.normalQuantiles)("$probability lies below $z", ({ probability, z }) =>
    expectClose(normalQuantile(probability), z, 13),
  );

  test("the ends, and what is no number", () => {
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  test("everyday quantiles are exact", () => {
    expect(normalQuantile(0.8)).toBeCloseTo(normal80, 14);
    expect(normalQuantile(0.95)).toBeCloseTo(normal95, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(normal975, 14);
  });
});

describe("Student's t", () => {
  test("against SciPy: probabilities below a value", () => {
    for (const { degrees, value, cdf } of golden.student) expectClose(studentCdf(value, degrees), cdf, 11);
  });

  test("against SciPy: quantiles to 10 digits", () => {
    for (const { degrees, probability, value } of golden.studentQuantiles) {
      const found = studentQuantile(probability, degrees);
      if (value === 0 || Math.abs(value) < 1e-9) expect(found).toBe(0);
      else expectClose(found, value, 10);
    }
  });

  // Abramowitz and Stegun, table 26.10
  test.each([
    [0.999, 3, 10.21],
    [0.999, 20, 3.552],
    [0.95, 1, 6.314],
    [0.95, 11, 1.796],
    [0.95, 30, 1.697],
    [0.975, 4, 2.776],
    [0.995, 60, 2.66],
  ])("%d lies below the printed value with %i degrees: %d", (probability, degrees, printed) => {
    expect(Math.abs(studentQuantile(probability, degrees) - printed)).toBeLessThan(0.006);
  });

  // one degree of freedom is the Cauchy distribution: tan(pi (p - 1/2)); two have a closed form too
  test.each([0.6, 0.95, 0.999, 0.999999])("closed forms of one and two degrees at %d", (p) => {
    expectClose(studentQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 10);
    expectClose(studentQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 10);
  });

  // mpmath with 30 digits
  test.each([
    [0.975, 999_999, 1.959966356816479],
    [0.975, 1_000_001, 1.959966356811734],
    [0.999, 1e9, 3.090232314317942],
    [0.975, Number.POSITIVE_INFINITY, normal975],
  ])("%d with %d degrees, where the normal distribution takes over: %d", (probability, degrees, value) => {
    expectClose(studentQuantile(probability, degrees), value, 10);
    expectClose(studentCdf(value, degrees), probability, 10);
  });

  test("falls from one degree to the next, and is symmetric", () => {
    const points = Array.from({ length: 40 }, (_, at) => studentQuantile(0.95, at + 1));
    expect(points).toEqual(points.toSorted((a, b) => b - a));
    expect(studentQuantile(0.05, 7)).toBeCloseTo(-studentQuantile(0.95, 7), 12);
    expect([studentQuantile(0, 3), studentQuantile(0.5, 3)]).toEqual([Number.NEGATIVE_INFINITY, 0]);
    expect(studentCdf(Number.POSITIVE_INFINITY, 3)).toBe(1);
  });
});

// SciPy loses digits if the arguments differ greatly: mpmath with 40 digits
const unlike = [
  { a: 0.5, b: 1000, log: -2.881387696571577 },
  { a: 0.5, b: 50_000, log: -4.837521699280441 },
  { a: 2.5, b: 1e9, log: -51.52348172376811 },
];

test.each([...golden.logBeta, ...unlike])("log-beta of $a and $b: $log", ({ a, b, log }) => {
  expectClose(logBeta(a, b), log, 13);
  expect(logBeta(b, a)).toBe(logBeta(a, b));
});
