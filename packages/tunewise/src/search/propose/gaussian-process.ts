/** @file Gaussian process regression over the unit cube: expected result and uncertainty of an untried point. */
import { mean, populationVariance } from "@tunewise/core/math";
import type { Axis } from "../space/axis.ts";
import { cholesky, solveLower, solveUpper } from "./cholesky.ts";

/** A process fitted to trials. */
export interface Surface {
  /** Expected loss and its standard deviation, without the noise of a single run, in the units of the trials. */
  readonly at: (place: ArrayLike<number>) => { readonly mean: number; readonly deviation: number };
  /** Standard deviation of a single run around the mean. */
  readonly noise: number;
}

/**
 * Logarithms of the fitted kernel parameters: a length scale per axis, then the noise variance (the signal variance
 * is 1).
 */
type Logs = readonly number[];

/** Rounds of the length scale optimization, and the first step of each. */
const fitRounds = 4;
const firstStep = 0.8;

/**
 * Fits a process with a Matérn 5/2 kernel and one length scale per axis; length scales and noise are maximum a
 * posteriori estimates.
 *
 * Two values of a set are at distance 1. Priors: length scales around half a side (more for many axes), noise
 * around a hundredth of the variance; they matter while there are few trials.
 *
 * @param places `[trials, axes]`, at least one
 * @param losses finite, one per trial
 * @source Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, algorithm 2.1, equations 2.25 and 4.17;
 *   priors on lengths that grow with the root of the dimension as in Hvarfner et al. 2024 (arXiv 2402.02229), section 4
 */
export function fitSurface(
  axes: readonly Axis[],
  places: readonly ArrayLike<number>[],
  losses: readonly number[],
): Surface {
  const middle = mean(losses);
  const scale = Math.sqrt(populationVariance(losses)) || 1;
  const targets = Float64Array.from(losses, (loss) => (loss - middle) / scale);
  const gaps = squaredGaps(axes, places);
  const logs = bestLogs(axes.length, (at) => logPosterior(gaps, targets, at));
  const count = targets.length;
  const root = cholesky(covariance(gaps, logs, count), count);
  if (root === null) return { at: () => ({ mean: middle, deviation: scale }), noise: scale };
  const weights = solveUpper(root, count, solveLower(root, count, targets));
  const shrink = logs.slice(0, axes.length).map((log) => Math.exp(-2 * log));
  return {
    noise: scale * Math.sqrt(Math.exp(logs[axes.length] as number)),
    at: (place) => {
      const row = Float64Array.from(places, (other) => kernel(gapOf(axes, place, other, shrink)));
      const inner = solveLower(root, count, row);
      let [expected, known] = [0, 0];
      for (let at = 0; at < count; at++) {
        expected += (row[at] as number) * (weights[at] as number);
        known += (inner[at] as number) ** 2;
      }
      return { mean: middle + scale * expected, deviation: scale * Math.sqrt(Math.max(1e-10, 1 - known)) };
    },
  };
}

/** Squared distance between each pair of points along each axis: one triangle per axis. */
function squaredGaps(axes: readonly Axis[], places: readonly ArrayLike<number>[]): Float64Array[] {
  const count = places.length;
  return axes.map((axis, at) => {
    const gaps = new Float64Array(count * count);
    for (let row = 0; row < count; row++) {
      for (let column = 0; column < row; column++) {
        gaps[row * count + column] = squaredGap(axis, places[row]?.[at] ?? 0, places[column]?.[at] ?? 0);
      }
    }
    return gaps;
  });
}

/**
 * Squared distance along one axis, 1 between values of a set.
 *
 * @source Rasmussen and Williams 2006, section 4.2.1
 */
function squaredGap(axis: Axis, a: number, b: number): number {
  if (axis.shape === "set") return Math.abs(a - b) < 0.5 / axis.count ? 0 : 1;
  return (a - b) ** 2;
}

function gapOf(
  axes: readonly Axis[],
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  shrink: readonly number[],
): number {
  let sum = 0;
  for (let at = 0; at < axes.length; at++) {
    sum += squaredGap(axes[at] as Axis, a[at] as number, b[at] as number) * (shrink[at] as number);
  }
  return sum;
}

/** Matérn 5/2 kernel of a squared distance. @source Rasmussen and Williams 2006, equation 4.17 */
function kernel(squared: number): number {
  const root = Math.sqrt(5 * squared);
  return (1 + root + (5 / 3) * squared) * Math.exp(-root);
}

/**
 * Lower triangle of the covariance, with noise on the diagonal.
 *
 * @source Rasmussen and Williams 2006, equation 2.21
 */
function covariance(gaps: readonly Float64Array[], logs: Logs, count: number): Float64Array {
  const shrink = gaps.map((_, at) => Math.exp(-2 * (logs[at] as number)));
  const noise = Math.exp(logs[gaps.length] as number) + 1e-6;
  const matrix = new Float64Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < row; column++) {
      const cell = row * count + column;
      let sum = 0;
      for (let at = 0; at < gaps.length; at++) sum += (gaps[at]?.[cell] as number) * (shrink[at] as number);
      matrix[cell] = kernel(sum);
    }
    matrix[row * count + row] = 1 + noise;
  }
  return matrix;
}

/** @source Rasmussen and Williams 2006, equation 2.30, beside normal priors on the logarithms */
function logPosterior(gaps: readonly Float64Array[], targets: Float64Array, logs: Logs): number {
  const count = targets.length;
  const root = cholesky(covariance(gaps, logs, count), count);
  if (root === null) return Number.NEGATIVE_INFINITY;
  const inner = solveLower(root, count, targets);
  let sum = 0;
  for (let at = 0; at < count; at++) {
    sum -= 0.5 * (inner[at] as number) ** 2 + Math.log(root[at * count + at] as number);
  }
  const centre = priorLength(gaps.length);
  for (let at = 0; at < gaps.length; at++) sum -= 0.5 * (((logs[at] as number) - centre) / lengthSpread) ** 2;
  return sum - 0.5 * (((logs[gaps.length] as number) - priorNoise) / noiseSpread) ** 2;
}

/** Prior median of a length scale's logarithm: half a side for two axes. @source Hvarfner et al. 2024, section 4 */
function priorLength(dimensions: number): number {
  return Math.log(0.5) + 0.5 * Math.log(dimensions / 2);
}

const lengthSpread = 0.9;
/** Prior median of the noise variance, as a logarithm: a hundredth of the total. @source our choice */
const priorNoise = Math.log(0.01);
const noiseSpread = 1.5;

/** Optimizes the logarithms by coordinate search with steps that shrink when neither direction improves. */
function bestLogs(dimensions: number, scoreOf: (logs: Logs) => number): Logs {
  const logs = [...Array.from({ length: dimensions }, () => priorLength(dimensions)), priorNoise];
  const steps = logs.map(() => firstStep);
  let best = scoreOf(logs);
  for (let round = 0; round < fitRounds; round++) {
    for (let at = 0; at < logs.length; at++) {
      const [start, step] = [logs[at] as number, steps[at] as number];
      let moved = false;
      for (const direction of [1, -1]) {
        logs[at] = start + direction * step;
        const score = scoreOf(logs);
        if (score > best) {
          best = score;
          moved = true;
          break;
        }
        logs[at] = start;
      }
      steps[at] = moved ? step * 1.3 : step / 2;
    }
  }
  return logs;
}
