/** @file Line fits, compared with values computed by hand. */
import { expect, test } from "vitest";
import { fitLine } from "./line.ts";

test("slope, its standard error and scatter", () => {
  // residuals of 1.5 x about the mean: -0.5, 1, -0.5
  const { slope, slopeError, scatter } = fitLine([0, 1, 2], [0, 3, 3]);
  expect([slope, scatter ** 2, slopeError ** 2]).toEqual([
    expect.closeTo(1.5, 12),
    expect.closeTo(1.5, 12),
    expect.closeTo(0.75, 12),
  ]);
});

test("five points: scatter is divided by three degrees of freedom", () => {
  // residuals about the line 2 + 0.9 (x - 2): -0.2, 0.9, -1, 0.1, 0.2; their squares sum to 1.9
  const { slope, slopeError, scatter } = fitLine([0, 1, 2, 3, 4], [0, 2, 1, 3, 4]);
  expect([slope, scatter ** 2, slopeError ** 2]).toEqual([
    expect.closeTo(0.9, 12),
    expect.closeTo(1.9 / 3, 12),
    expect.closeTo(1.9 / 30, 12),
  ]);
});

test("points on a line have no scatter, wherever they lie", () => {
  const places = [3, 4, 9, 20];
  const found = fitLine(
    places,
    places.map((place) => 2 - 0.5 * place),
  );
  expect(found.slope).toBeCloseTo(-0.5, 12);
  expect(found.slopeError).toBeCloseTo(0, 12);
});

test("points at one place have no slope", () => {
  expect(fitLine([2, 2, 2], [1, 2, 3])).toEqual({ slope: 0, slopeError: 0, scatter: Math.SQRT2 });
});
