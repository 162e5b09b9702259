import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreement } from "./agreement.ts";
import { bootstrapMean } from "./clustered.ts";
import { holm } from "./holm.ts";
import { drawScores, fitCurve, rowsForTarget, scoreAt } from "./learning-curve.ts";
import { logChoose, logGamma } from "./log-gamma.ts";
import { exactMcNemar, minimumDetectableEffect, neededRows, wilsonInterval } from "./proportion.ts";
import { normalFrom, randomFrom } from "./random.ts";
import { signFlipTest } from "./sign-flip.ts";
import { studentQuantile } from "./student.ts";

const settings = { seed: 3, draws: 2000 };

describe("closed forms", () => {
  // C(n, i) / 2^n summed by hand as fractions
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

  test("log-gamma of whole and half numbers", () => {
    let factorial = 0;
    for (let n = 1; n < 60; n++) {
      expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-11);
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
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

  test("Student's quantiles as in tables", () => {
    expect(studentQuantile(1.959964, 5)).toBeCloseTo(2.5706, 2);
    expect(studentQuantile(1.959964, 24)).toBeCloseTo(2.0639, 3);
  });
});

describe("Holm", () => {
  test("a worked example, in any order", () => {
    const adjusted = [0.03, 0.06, 0.06, 0.02];
    holm([0.01, 0.04, 0.03, 0.005]).forEach((p, at) => {
      expect(p).toBeCloseTo(adjusted[at] ?? 0, 12);
    });
    expect(holm([])).toEqual([]);
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
});

test("signs that are all flipped give the exact share", () => {
  expect(signFlipTest([1, 1, 1, 1, 1, 1], null, settings)).toBe(2 / 64);
  expect(signFlipTest([0, 0], null, settings)).toBe(1);
  expect(signFlipTest([1, 1, 1, 1], ["a", "a", "b", "b"], settings)).toBe(0.5);
  // flips of one size are McNemar's binomial
  const flips = [...Array(25).fill(1), ...Array(8).fill(-1)] as number[];
  expect(signFlipTest(flips, null, { seed: 1, draws: 20_000 })).toBeCloseTo(exactMcNemar(8, 25), 2);
});

test("kappa of a table, and of judges that cannot disagree", () => {
  const a = [...Array(25).fill("y"), ...Array(25).fill("n")] as string[];
  const b = [...Array(20).fill("y"), ...Array(5).fill("n"), ...Array(10).fill("y"), ...Array(15).fill("n")];
  expect(agreement(a, b as string[])).toEqual({ items: 50, raw: 0.7, kappa: expect.closeTo(0.4, 12) });
  expect(agreement(["y", "y"], ["y", "y"]).kappa).toBeNull();
});

describe("learning curves", () => {
  const points = [100, 200, 400, 800].map((rows) => ({
    rows,
    score: 1 - 0.05 - 2 * rows ** -0.5,
    error: 0.01,
  }));

  test("a curve without noise is found", () => {
    const fit = fitCurve(points);
    expect(fit.floor).toBeCloseTo(0.05, 6);
    expect(fit.slope).toBeCloseTo(2, 6);
    expect(scoreAt(fit, 1600)).toBeCloseTo(0.9, 6);
    expect(rowsForTarget(points, 0.9, 1e5, drawScores(points, settings))).toMatchObject({ rows: 1600 });
  });

  test("a flat curve promises nothing", () => {
    const flat = points.map(({ rows }) => ({ rows, score: 0.7, error: 0.01 }));
    expect(rowsForTarget(flat, 0.9, 16_000, drawScores(flat, settings))).toMatchObject({
      rows: null,
      range: null,
    });
    expect(rowsForTarget(flat, 0.9, 16_000, drawScores(flat, settings)).chance).toBeLessThan(0.2);
  });
});

describe("coverage of 95 % intervals", () => {
  test("means of skewed scores in groups, 25 groups of 4", () => {
    const random = randomFrom(11);
    let held = 0;
    const worlds = 400;
    for (let world = 0; world < worlds; world++) {
      const groups = Array.from({ length: 100 }, (_, row) => row >> 2);
      const shared = Array.from({ length: 25 }, () => normalFrom(random));
      const values = groups.map((group) => 0.3 + (shared[group] ?? 0) + normalFrom(random));
      const { interval } = bootstrapMean(values, groups, { seed: world, draws: 500 });
      if (interval && interval.low <= 0.3 && interval.high >= 0.3) held++;
    }
    expect(held / worlds).toBeGreaterThan(0.92);
    expect(held / worlds).toBeLessThan(0.98);
  });
});
