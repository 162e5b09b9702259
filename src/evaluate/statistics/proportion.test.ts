import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { macroF1 } from "../label.ts";
import { exactMcNemar, minimumDetectableEffect, pairedDifference, wilsonInterval } from "./proportion.ts";

interface Golden {
  wilson: { right: number; rows: number; low: number; high: number }[];
  mcnemar: { b: number; c: number; p: number }[];
  macro: { expected: number[]; answered: number[]; f1: number }[];
}
const file = new URL("../../../test/conformance/golden/intervals.json", import.meta.url);
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

test("McNemar's published example and its edges", () => {
  expect(exactMcNemar(1, 9)).toBeCloseTo(0.0215, 4);
  expect(exactMcNemar(0, 0)).toBe(1);
});

// The example of Newcombe 1998 (paired data): 36, 12, 2 and 0 of 50, method 10.
test("paired difference equals the published interval", () => {
  const bounds = pairedDifference({ both: 36, onlyTuned: 12, onlyBase: 2, neither: 0 });
  expect(bounds.low).toBeCloseTo(0.0569, 4);
  expect(bounds.high).toBeCloseTo(0.3404, 4);
});

// By the formulas of the paper, worked out apart from this code: the product of the table is corrected by half the rows
// where it is larger than that, taken as 0 where it is smaller but not negative, and left alone where it is negative.
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
  { rows: 8, flips: 0.3, effect: 0.75 }, // six flips, all one way
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
