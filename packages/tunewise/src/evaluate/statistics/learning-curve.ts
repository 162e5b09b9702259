/** @file Learning curve: fits scores at several training set sizes and extrapolates to more rows. */

import { type BootstrapSettings, mulberry32, quantile, randomNormal } from "@tunewise/core/math";
import type { Interval } from "../score.ts";

/** Score at one training set size. */
export interface CurvePoint {
  /** Training rows, above 0. */
  readonly rows: number;
  /** Share of right answers, 0 to 1. */
  readonly score: number;
  /** Standard error of the score, above 0. */
  readonly error: number;
}

/** Power law: error rate = floor + slope n^-rate. */
export interface CurveFit {
  readonly floor: number;
  readonly slope: number;
  readonly rate: number;
}

/** Number of training rows that a target score needs. */
export interface RowsForTarget {
  /** From the fit of the measured points; `null` if the curve levels off below the target. */
  readonly rows: number | null;
  /** Middle 90 % of the bootstrap fits that reach the target; `null` if fewer than half do. */
  readonly range: Interval | null;
  /** Share of the bootstrap fits that reach the target within `most` rows. */
  readonly chance: number;
}

/**
 * Exponents on the grid: smaller ones are nearly constant, larger ones are not observed.
 *
 * @source Hestness et al. 2017, 1712.00409
 */
const rates = Array.from({ length: 39 }, (_, at) => 0.05 * (at + 1));

/** Prevents rounding from adding a row to the size at which a target is met. */
const rounding = 1e-9;

/**
 * Fits error = a + b n^-c with a and b at least 0, by weighted least squares over a grid of c.
 *
 * @param points at least two sizes; a is only identified with three or more
 * @source Hestness et al. 2017 (1712.00409), section 3; Figueroa et al. 2012, BMC Medical Informatics 12:8
 */
export function fitCurve(points: readonly CurvePoint[]): CurveFit {
  let best: CurveFit = { floor: 1, slope: 0, rate: 1 };
  let smallest = Number.POSITIVE_INFINITY;
  for (const rate of rates) {
    const { floor, slope } = fitLine(points, rate);
    const misfit = points.reduce(
      (sum, { rows, score, error }) => sum + ((1 - score - floor - slope * rows ** -rate) / error) ** 2,
      0,
    );
    if (misfit < smallest - 1e-12) {
      smallest = misfit;
      best = { floor, slope, rate };
    }
  }
  return best;
}

/** Score that the fit predicts for a number of rows. @source as `fitCurve` */
export function scoreAt({ floor, slope, rate }: CurveFit, rows: number): number {
  return Math.max(0, 1 - floor - slope * rows ** -rate);
}

/**
 * Draws scores from each point's standard error. Points scored on the same rows have correlated errors; if outcomes
 * are available, resampling rows for all points at once is more accurate.
 *
 * @returns one list of draws for each point
 * @source parametric bootstrap, Efron and Tibshirani 1993, section 6.5
 */
export function drawScores(
  points: readonly CurvePoint[],
  { seed, draws }: BootstrapSettings,
): Float64Array[] {
  const random = mulberry32(seed);
  return points.map(({ score, error }) =>
    new Float64Array(draws).map(() => score + error * randomNormal(random)),
  );
}

/**
 * Number of rows at which the curve reaches a target, with the uncertainty caused by the noise of the points.
 *
 * @param most number of rows beyond which the curve is not trusted
 * @param drawn scores of each point in every draw, as from `drawScores`
 */
export function rowsForTarget(
  points: readonly CurvePoint[],
  target: number,
  most: number,
  drawn: readonly Float64Array[],
): RowsForTarget {
  const draws = drawn[0]?.length ?? 0;
  const reached: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const noisy = points.map((point, at) => ({
      ...point,
      score: (drawn[at] as Float64Array)[draw] as number,
    }));
    const rows = reach(fitCurve(noisy), target);
    if (rows !== null && rows <= most) reached.push(rows);
  }
  const sorted = Float64Array.from(reached).sort();
  const range = { low: Math.ceil(quantile(sorted, 0.05)), high: Math.ceil(quantile(sorted, 0.95)) };
  return {
    rows: reach(fitCurve(points), target),
    range: reached.length * 2 < Math.max(1, draws) ? null : range,
    chance: reached.length / Math.max(1, draws),
  };
}

/** @source n = (b / (1 - target - a))^(1/c) */
function reach({ floor, slope, rate }: CurveFit, target: number): number | null {
  const room = 1 - target - floor;
  if (slope === 0) return room < 0 ? null : 1;
  const rows = (slope / Math.max(0, room)) ** (1 / rate);
  return Number.isFinite(rows) ? Math.max(1, Math.ceil(rows * (1 - rounding))) : null;
}

/** Weighted line through (n^-rate, error), with floor and slope clamped at 0. @source normal equations */
function fitLine(points: readonly CurvePoint[], rate: number): { floor: number; slope: number } {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const { rows, score, error } of points) {
    const weight = 1 / error ** 2;
    const at = rows ** -rate;
    const height = 1 - score;
    w += weight;
    x += weight * at;
    y += weight * height;
    xx += weight * at * at;
    xy += weight * at * height;
  }
  const spread = w * xx - x * x;
  const slope = spread > 0 ? (w * xy - x * y) / spread : 0;
  const floor = (y - slope * x) / w;
  if (slope < 0) return { floor: Math.max(0, y / w), slope: 0 };
  return floor < 0 ? { floor: 0, slope: Math.max(0, xy / xx) } : { floor, slope };
}
