import { readFileSync } from "node:fs";
import { logChoose, wilsonInterval } from "@tunewise/core/math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { macroF1 } from "../label.ts";
import { exactMcNemar, minimumDetectableEffect, neededRows, pairedDifference } from "./proportion.ts";

interface Golden {
  wilson: { right: number; rows: number; low: number; high: number }[];
  mcnemar: { b: number; c: number; p: number }[];
  macro: { expected: number[]; answered: number[]; f1: number }[];
}
const file = new URL("../../../../../test/conformance/golden/intervals.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;

describe("against SciPy and scikit-learn", () => {
  test.each(golden.wilson)("Wilson interval of $right in $rows", ({ right, rows, low, high }) => {
    expect(wilsonInterval(right, rows).low).toBeCloseTo(low, 10);
    expect(wilsonInterval(right, rows).high).toBeCloseTo(high, 10);
  });
  test.each(golden.mcnemar)("exact McNemar of $b and $c", ({ b, c, p }) => {
    expect(exactMcNemar(b, c)).toBeCloseTo(p, 9);
  });
  test.each(golden.macro)("macro-F1 $f1", ({ expected, answered, f1 }) => {
    const outcomes = expected.map((label, row) => ({
      value: 0,
      weight: 1,
      pair: [label, answered[row] ?? -1] as const,
    }));
    expect(macroF1(outcomes, null)).toBeCloseTo(f1, 12);
  });
});

describe("closed forms", () => {
  // sums of C(n, i) / 2^n as fractions, computed by hand
  test.each([
    [1, 9, 22 / 1024],
    [5, 15, (2 * (1 + 20 + 190 + 1140 + 4845 + 15504)) / 2 ** 20],
    [0, 5, 1 / 16],
    [0, 6, 1 / 32],
    [0, 0, 1],
    [7, 7, 1],
  ])("McNemar of %i and %i", (b, c, p) => {
    expect(Math.abs(exactMcNemar(b, c) - p)).toBeLessThan(1e-12);
    expect(Math.abs(exactMcNemar(c, b) - p)).toBeLessThan(1e-12);
  });

  test("McNemar of many flips equals the sum of all terms, and stays quick", () => {
    const flips = 2000;
    const all = Array.from({ length: 951 }, (_, i) => Math.exp(logChoose(flips, i) - flips * Math.LN2));
    const p = 2 * all.reduce((sum, one) => sum + one, 0);
    expect(Math.abs(exactMcNemar(950, 1050) - p)).toBeLessThan(1e-9);
    expect(exactMcNemar(4_990_000, 5_010_000)).toBeCloseTo(2.5e-10, 11);
    expect(exactMcNemar(0, 5000)).toBe(0);
  });

  test.each([
    [8, 10, 0.490162, 0.943318],
    [90, 100, 0.825634, 0.944771],
    [0, 20, 0, 0.161125],
  ])("Wilson's interval of %i in %i", (right, rows, low, high) => {
    const found = wilsonInterval(right, rows);
    expect(found.low).toBeCloseTo(low, 5);
    expect(found.high).toBeCloseTo(high, 5);
    // both bounds solve (p - share)^2 = z^2 p (1 - p) / n
    for (const p of [found.low, found.high]) {
      if (p === 0) continue;
      expect((p - right / rows) ** 2 - (1.959963984540054 ** 2 * p * (1 - p)) / rows).toBeCloseTo(0, 12);
    }
  });

  test.each([
    [0.05, 200, 0.044],
    [0.1, 500, 0.04],
    [0.2, 1000, 0.04],
    [0.3, 3080, 0.028],
  ])("share %d of flips: %i rows show %d", (flips, rows, effect) => {
    expect(minimumDetectableEffect(rows, flips)).toBeCloseTo(effect, 2);
    const needed = neededRows(minimumDetectableEffect(rows, flips), flips);
    expect(Math.abs(needed - rows)).toBeLessThanOrEqual(1);
  });
});

test("McNemar's published example and its edges", () => {
  expect(exactMcNemar(1, 9)).toBeCloseTo(0.0215, 4);
  expect(exactMcNemar(0, 0)).toBe(1);
});

// The example of Newcombe 1998 (paired data), method 10: 36, 12, 2 and 0 of 50.
test("paired difference equals the published interval", () => {
  const bounds = pairedDifference({ both: 36, onlyTuned: 12, onlyBase: 2, neither: 0 });
  expect(bounds.low).toBeCloseTo(0.0569, 4);
  expect(bounds.high).toBeCloseTo(0.3404, 4);
});

// Computed from the paper's formulas, independently of this code. The product difference of the table is reduced by
// half the rows if it is larger than that, becomes 0 if it is smaller but not negative, and stays if it is negative.
test.each([
  [{ both: 40, onlyTuned: 6, onlyBase: 4, neither: 50 }, -0.0440093548, 0.0835560633],
  [{ both: 5, onlyTuned: 3, onlyBase: 2, neither: 4 }, -0.2410854072, 0.363947406],
  [{ both: 10, onlyTuned: 12, onlyBase: 9, neither: 10 }, -0.1397262252, 0.277118462],
])("paired difference of %j, with its continuity correction", (table, low, high) => {
  const bounds = pairedDifference(table);
  expect(bounds.low).toBeCloseTo(low, 9);
  expect(bounds.high).toBeCloseTo(high, 9);
});

const counts = fc.record({
  both: fc.nat(60),
  onlyBase: fc.nat(60),
  onlyTuned: fc.nat(60),
  neither: fc.nat(60),
});

test("the interval holds the difference, and turns over with the models", () => {
  fc.assert(
    fc.property(counts, (table) => {
      const rows = table.both + table.onlyBase + table.onlyTuned + table.neither;
      fc.pre(rows > 0);
      const { low, high } = pairedDifference(table);
      const difference = (table.onlyTuned - table.onlyBase) / rows;
      expect(low).toBeLessThanOrEqual(difference + 1e-12);
      expect(high).toBeGreaterThanOrEqual(difference - 1e-12);
      const turned = pairedDifference({ ...table, onlyBase: table.onlyTuned, onlyTuned: table.onlyBase });
      expect(turned.low).toBeCloseTo(-high, 10);
    }),
    { seed: 7 },
  );
});

test.each([
  { rows: 0, flips: 0.3, effect: 1 },
  { rows: 5, flips: 0.3, effect: 1 },
  { rows: 8, flips: 0.3, effect: 0.75 }, // six flips, all in one direction
  { rows: 100, flips: 0.3, effect: 0.1515 },
  { rows: 500, flips: 0.3, effect: 0.0683 },
  { rows: 500, flips: 0.1, effect: 0.0394 },
])("$rows rows with $flips flips show $effect", ({ rows, flips, effect }) => {
  expect(minimumDetectableEffect(rows, flips)).toBeCloseTo(effect, 2);
});

test("more rows show smaller effects", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (rows, f) => {
        expect(minimumDetectableEffect(rows + 50, f)).toBeLessThanOrEqual(minimumDetectableEffect(rows, f));
      },
    ),
    { seed: 7 },
  );
});

test("the effect for 500 rows is found at four in five when simulated", () => {
  const [rows, flips] = [500, 0.3];
  const effect = minimumDetectableEffect(rows, flips);
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let found = 0;
  for (let trial = 0; trial < 1000; trial++) {
    let [b, c] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const at = random();
      if (at < (flips + effect) / 2) c++;
      else if (at < flips) b++;
    }
    if (exactMcNemar(b, c) < 0.05) found++;
  }
  expect(found / 1000).toBeGreaterThan(0.74);
  expect(found / 1000).toBeLessThan(0.86);
});

test("the bounds of none and of all are exactly 0 and 1", () => {
  for (const rows of [1, 7, 10, 33, 1000]) {
    expect(wilsonInterval(0, rows).low).toBe(0);
    expect(wilsonInterval(rows, rows).high).toBe(1);
    expect(wilsonInterval(1, rows + 1).low).toBeGreaterThan(0);
    expect(wilsonInterval(rows, rows + 1).high).toBeLessThan(1);
  }
});

test("models that never differ leave an interval around 0, also where both were always right", () => {
  const { low, high } = pairedDifference({ both: 30, onlyBase: 0, onlyTuned: 0, neither: 0 });
  expect(low).toBeCloseTo(-0.1135, 4); // Wilson's bound for 30 of 30 is 0.8865
  expect(high).toBeCloseTo(0.1135, 4);
});

// Connor: n = (1.95996 sqrt(f) + 0.84162 sqrt(f - d^2))^2 / d^2, computed by hand; at least six flips
test.each([
  [0.04, 0.2, 979],
  [0.1, 0.3, 234],
  [0.5, 0.3, 14], // models that differ by half of the rows disagree on at least half of them
  [1, 0.3, 6], // five flips in one direction are not enough: 2 / 2^5 is above 5 %
  [0.95, 0.3, 7],
])("a difference of %d with %d of flips needs %i rows", (effect, flips, rows) => {
  expect(neededRows(effect, flips)).toBe(rows);
});

test("three rows in ten disagree where nobody knows better", () => {
  expect(neededRows(0.1)).toBe(neededRows(0.1, 0.3));
  expect(minimumDetectableEffect(250)).toBe(minimumDetectableEffect(250, 0.3));
});

test("the smallest difference solves Connor's equation to nine digits", () => {
  for (const [rows, flips] of [
    [100, 0.3],
    [500, 0.1],
    [3080, 0.05],
  ] as const) {
    const d = minimumDetectableEffect(rows, flips);
    const left = 1.959963984540054 * Math.sqrt(flips) + 0.8416212335729143 * Math.sqrt(flips - d ** 2);
    expect(left / (d * Math.sqrt(rows))).toBeCloseTo(1, 9);
  }
});

test.each([
  [5, 1],
  [6, 1],
  [7, 6 / 7],
  [12, 0.5],
])("%i rows show no less than six flips of them: %d", (rows, effect) => {
  expect(minimumDetectableEffect(rows, 0.01)).toBeGreaterThanOrEqual(effect - 1e-12);
  expect(minimumDetectableEffect(rows, 0.01)).toBeLessThanOrEqual(1);
});
