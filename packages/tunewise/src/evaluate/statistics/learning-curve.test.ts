/** @file Tests learning curves: fits against SciPy's least squares, and the extrapolation to more rows. */
import { describe, expect, test } from "vitest";
import { type CurvePoint, drawScores, fitCurve, rowsForTarget, scoreAt } from "./learning-curve.ts";

/** error = 0.05 + 2 / sqrt(rows) */
const points = [100, 200, 400, 800].map((rows) => ({ rows, score: 0.95 - 2 * rows ** -0.5, error: 0.01 }));
const pointsOf = (rows: number[], scores: number[], errors: number[]): CurvePoint[] =>
  rows.map((count, at) => ({ rows: count, score: scores[at] ?? 0, error: errors[at] ?? 1 }));

describe("the fit", () => {
  test("a curve without noise is found", () => {
    const fit = fitCurve(points);
    expect(fit.floor).toBeCloseTo(0.05, 6);
    expect(fit.slope).toBeCloseTo(2, 6);
    expect(fit.rate).toBeCloseTo(0.5, 12);
    expect(scoreAt(fit, 1600)).toBeCloseTo(0.9, 6);
  });

  // best of c = 0.05 k, k = 1 to 39, by scipy.optimize.nnls of (1, n^-c) / error against (1 - score) / error
  test.each([
    {
      name: "noisy points of unequal error",
      curve: pointsOf(
        [50, 100, 200, 400, 800],
        [0.52, 0.61, 0.7, 0.735, 0.79],
        [0.05, 0.03, 0.03, 0.02, 0.01],
      ),
      fit: { floor: 0.046688986, slope: 1.7053266213, rate: 0.35 },
    },
    {
      name: "an outlier that is known to be unsure",
      curve: pointsOf([50, 100, 200, 400, 800], [0.3, 0.61, 0.7, 0.735, 0.79], [0.2, 0.03, 0.03, 0.02, 0.01]),
      fit: { floor: 0.1370044831, slope: 4.1405581894, rate: 0.6 },
    },
    {
      name: "points that want a floor below 0",
      curve: pointsOf([100, 200, 400, 800], [0.3, 0.5, 0.66, 0.8], [0.02, 0.02, 0.02, 0.02]),
      fit: { floor: 0, slope: 8.9102889565, rate: 0.55 },
    },
    {
      name: "two points through which many curves go: the flattest that has no floor below 0",
      curve: pointsOf([100, 400], [0.5, 0.75], [0.02, 0.02]),
      fit: { floor: 0, slope: 5, rate: 0.5 },
    },
  ])("of $name", ({ curve, fit }) => {
    const found = fitCurve(curve);
    expect(found.floor).toBeCloseTo(fit.floor, 8);
    expect(found.slope).toBeCloseTo(fit.slope, 7);
    expect(found.rate).toBeCloseTo(fit.rate, 12);
  });

  test("scores that fall with more rows are a level curve at their weighted mean", () => {
    const fit = fitCurve(pointsOf([100, 200, 400], [0.8, 0.75, 0.7], [0.02, 0.01, 0.03]));
    expect(fit).toMatchObject({ floor: expect.closeTo(0.244897959, 8), slope: 0 });
  });

  test("one size says nothing of a slope", () => {
    expect(fitCurve(pointsOf([100], [0.75], [1]))).toMatchObject({ floor: 0.25, slope: 0 });
  });

  test("scores above 1, as drawn ones may be, are no error at all, whether they rise or fall", () => {
    for (const scores of [
      [1.2, 1.1, 1.05],
      [1.05, 1.1, 1.2],
    ])
      expect(fitCurve(pointsOf([100, 200, 400], scores, [1, 1, 1]))).toMatchObject({ floor: 0, slope: 0 });
  });

  test("scores that are no numbers promise nothing", () => {
    const fit = fitCurve(pointsOf([100, 200], [Number.NaN, 0.5], [1, 1]));
    expect(fit).toEqual({ floor: 1, slope: 0, rate: 1 });
    expect(scoreAt(fit, 1e6)).toBe(0);
  });

  test("no score is foreseen below 0", () => {
    expect(scoreAt({ floor: 0.2, slope: 10, rate: 0.5 }, 4)).toBe(0);
    expect(scoreAt({ floor: 0.2, slope: 1, rate: 0.5 }, 4)).toBeCloseTo(0.3, 12);
  });
});

describe("drawn scores", () => {
  test("are score and error times a normal number: seed 1 draws what it has always drawn", () => {
    const [scores] = drawScores(pointsOf([10], [0.5], [0.1]), { seed: 1, draws: 2 });
    // Box-Muller transform of mulberry32's first four numbers
    expect(scores?.[0]).toBeCloseTo(0.64043387784, 10);
    expect(scores?.[1]).toBeCloseTo(0.62157546193, 10);
  });

  test("have each point's score and error; the same seed draws the same", () => {
    const two = pointsOf([10, 20], [0.5, 0.8], [0.1, 0.02]);
    const drawn = drawScores(two, { seed: 4, draws: 4000 });
    expect(drawn.map(({ length }) => length)).toEqual([4000, 4000]);
    drawn.forEach((scores, at) => {
      const { score, error } = two[at] ?? { score: 0, error: 0 };
      const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
      const variance = scores.reduce((sum, one) => sum + (one - mean) ** 2, 0) / scores.length;
      expect(Math.abs(mean - score) / error).toBeLessThan(0.06);
      expect(Math.sqrt(variance) / error).toBeCloseTo(1, 1);
    });
    expect(drawScores(two, { seed: 4, draws: 4000 })).toEqual(drawn);
  });
});

describe("rows for a target", () => {
  /** Scores of each draw at 100 and at 400 rows; if 400 rows halve the error, error = slope / sqrt(rows). */
  const drawn = (...ends: (readonly [number, number])[]): Float64Array[] => [
    Float64Array.from(ends, ([first]) => first),
    Float64Array.from(ends, ([, second]) => second),
  ];
  const two = pointsOf([100, 400], [0.5, 0.75], [1, 1]);
  const [fast, middle, slow, level] = [
    [0.6, 0.8],
    [0.5, 0.75],
    [0.2, 0.6],
    [0.7, 0.7],
  ] as const;
  /** error = 4, 5 and 8 / sqrt(rows) is 1/4 at 256, 400 and 1024 rows */
  const target = 0.75;

  test("are those of the curve as it is; the range is that of draws that get there", () => {
    const found = rowsForTarget(two, target, 1e5, drawn(fast, middle, slow));
    expect(found.rows).toBe(400);
    // numpy.quantile([256, 400, 1024], [0.05, 0.95]) = 270.4, 961.6
    expect(found).toMatchObject({ range: { low: 271, high: 962 }, chance: 1 });
  });

  test("a draw that levels off below the target, or gets there too late, counts against the chance", () => {
    const draws = drawn(slow, level, middle, fast);
    expect(rowsForTarget(two, target, 400, draws)).toEqual({
      rows: 400,
      range: { low: 264, high: 393 }, // quantiles of 256 and 400: 263.2, 392.8
      chance: 0.5,
    });
    // fewer than half of the draws reach the target
    expect(rowsForTarget(two, target, 399, draws)).toEqual({ rows: 400, range: null, chance: 0.25 });
  });

  test("a target that is passed already asks for one row", () => {
    expect(rowsForTarget(pointsOf([100, 400], [1, 1], [1, 1]), 0.9, 1e5, drawn([1, 1]))).toEqual({
      rows: 1,
      range: { low: 1, high: 1 },
      chance: 1,
    });
    expect(rowsForTarget(two, 0, 1e5, []).rows).toBe(25);
    expect(rowsForTarget(pointsOf([100, 400], [0.99, 0.995], [1, 1]), 0, 1e5, []).rows).toBe(1);
  });

  test("a level curve meets the score that it has, and nothing above", () => {
    const all = pointsOf([100, 400], [1, 1], [1, 1]);
    expect(rowsForTarget(all, 1, 1e5, drawn([1, 1]))).toMatchObject({ rows: 1, chance: 1 });
    const none = pointsOf([100, 400], [0, 0], [1, 1]);
    expect(rowsForTarget(none, 0, 1e5, []).rows).toBe(1);
    expect(rowsForTarget(none, 0.001, 1e5, []).rows).toBeNull();
  });

  test("a rising curve never gets to where it levels off", () => {
    expect(rowsForTarget(two, 1, 1e5, [])).toMatchObject({ rows: null, range: null, chance: 0 });
    expect(rowsForTarget(two, 1.1, 1e5, []).rows).toBeNull();
    const slowly = pointsOf([100, 400], [0, 0.01], [1, 1]); // flatter than the smallest exponent on the grid
    expect(rowsForTarget(slowly, 1 - 1e-16, 1e5, []).rows).toBeNull(); // the number of rows overflows
  });

  test("noise gives a flat curve little chance", () => {
    const flat = [100, 200, 400, 800].map((rows) => ({ rows, score: 0.7, error: 0.01 }));
    const found = rowsForTarget(flat, 0.9, 16_000, drawScores(flat, { seed: 3, draws: 400 }));
    expect(found).toMatchObject({ rows: null, range: null });
    expect(found.chance).toBeLessThan(0.2);
    expect(rowsForTarget(points, 0.9, 1e5, drawScores(points, { seed: 3, draws: 20 })).rows).toBe(1600);
  });
});
