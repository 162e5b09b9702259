/** @file Tests Holm's adjustment on a worked example, and its invariants. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { holm } from "./holm.ts";

test("a worked example, in any order", () => {
  const adjusted = [0.03, 0.06, 0.06, 0.02];
  holm([0.01, 0.04, 0.03, 0.005]).forEach((p, at) => {
    expect(p).toBeCloseTo(adjusted[at] ?? 0, 12);
  });
  expect(holm([])).toEqual([]);
});

test("no adjusted value is above 1", () => {
  expect(holm([0.6, 0.5, 0.9])).toEqual([1, 1, 1]);
  expect(holm([0.9])).toEqual([0.9]);
});

test("adjusted values are in the same order, never below the raw, never above Bonferroni", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (raw) => {
      const adjusted = holm(raw);
      raw.forEach((p, at) => {
        expect(adjusted[at]).toBeGreaterThanOrEqual(p);
        expect(adjusted[at]).toBeLessThanOrEqual(Math.min(1, p * raw.length) + Number.EPSILON);
        raw.forEach((other, to) => {
          if (p < other) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[to] ?? 1);
        });
      });
    }),
    { seed: 7 },
  );
});
