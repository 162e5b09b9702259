/** @file Points of distributions against tables. */
import { describe, expect, test } from "vitest";
import { normalBelow, studentLimit, studentWidening } from "./student.ts";

describe("studentLimit", () => {
  test.each([
    ["0.1 %", 3, 10.21],
    ["0.1 %", 20, 3.552],
    ["5 %", 1, 6.314],
    ["5 %", 11, 1.796],
    ["5 %", 30, 1.697],
    ["5 %", 1e6, 1.6449],
  ] as const)("above %s, %d degrees: %d", (tail, degrees, expected) => {
    expect(Math.abs(studentLimit(tail, degrees) / expected - 1)).toBeLessThan(2e-3);
  });

  test("right after the table the expansion is wrong by less than 0.0008", () => {
    expect(Math.abs(studentLimit("5 %", 11) - 1.795885)).toBeLessThan(8e-4);
  });

  test("falls from one degree to the next, from the table into the expansion", () => {
    for (const tail of ["0.1 %", "5 %"] as const) {
      const points = Array.from({ length: 14 }, (_, i) => studentLimit(tail, i + 1));
      expect(points).toEqual(points.toSorted((a, b) => b - a));
    }
  });

  test("one degree is nearly four times as wide as the normal distribution, many are as wide", () => {
    expect(studentWidening(1)).toBeCloseTo(3.84, 2);
    expect(studentWidening(1e6)).toBeCloseTo(1, 4);
  });
});

test.each([
  [0, 0.5],
  [1, 0.8413447],
  [-1.6449, 0.0499952],
  [1.96, 0.9750021],
  [-4, 0.0000317],
  [-40, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.POSITIVE_INFINITY, 1],
])("a normal number is below %d with a chance of %d", (z, expected) => {
  expect(Math.abs(normalBelow(z) - expected)).toBeLessThan(2e-7);
});
