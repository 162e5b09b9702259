/**
 * @file Shares of right answers: their intervals, the difference of two on the same rows, and what n rows
 *   can show.
 */

import { logChoose, normal80, normal975 } from "../../math/index.ts";
import type { Interval } from "../score.ts";

/** Flips the exact test needs even if all go one way: 2 / 2^6 is the first below 5 %. */
const fewestFlips = 6;

/** How two models answered the same rows. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyBase: number;
  readonly onlyTuned: number;
  readonly neither: number;
}

/**
 * Wilson's 95 % interval of a share; keeps its coverage near 0 and 1 and for few rows.
 *
 * @param right rows answered right, of `rows`; `rows` at least 1
 * @source Wilson 1927, JASA 22, 209-212; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3
 */
export function wilsonInterval(right: number, rows: number): Interval {
  const share = right / rows;
  const scale = 1 + normal975 ** 2 / rows;
  const center = (share + normal975 ** 2 / (2 * rows)) / scale;
  const half =
    (normal975 * Math.sqrt((share * (1 - share)) / rows + normal975 ** 2 / (4 * rows ** 2))) / scale;
  return {
    low: right === 0 ? 0 : center - half,
    high: right === rows ? 1 : center + half,
  };
}

/**
 * 95 % interval of the difference tuned minus base on the same rows.
 *
 * @source Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions
 *   based on
 *   paired data", Statistics in Medicine 17, 2635-2650, method 10
 */
export function pairedDifference(counts: PairedCounts): Interval {
  const { both, onlyBase, onlyTuned, neither } = counts;
  const rows = both + onlyBase + onlyTuned + neither;
  const tuned = (both + onlyTuned) / rows;
  const base = (both + onlyBase) / rows;
  const tunedBounds = wilsonInterval(both + onlyTuned, rows);
  const baseBounds = wilsonInterval(both + onlyBase, rows);
  const phi = pairedCorrelation(counts);
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  return {
    low: tuned - base - reach(tuned - tunedBounds.low, baseBounds.high - base),
    high: tuned - base + reach(tunedBounds.high - tuned, base - baseBounds.low),
  };
}

/**
 * Correlation of the two answers, drawn towards 0 by a continuity correction where it is positive.
 *
 * @source Newcombe 1998 (Statistics in Medicine 17:2635-2650), method 10
 */
function pairedCorrelation({ both, onlyBase, onlyTuned, neither }: PairedCounts): number {
  const rows = both + onlyBase + onlyTuned + neither;
  const margins = (both + onlyTuned) * (onlyBase + neither) * (both + onlyBase) * (onlyTuned + neither);
  if (margins === 0) return 0;
  const product = both * neither - onlyBase * onlyTuned;
  return (product > 0 ? Math.max(0, product - rows / 2) : product) / Math.sqrt(margins);
}

/**
 * Exact two-sided McNemar test: how likely a split at least this uneven is if neither model is better.
 *
 * Terms are summed from the largest down until they no longer count, in logarithms, so that millions of flips take
 * as long as hundreds.
 *
 * @param onlyBase rows only the base model answered right
 * @param onlyTuned rows only the tuned model answered right
 * @source McNemar 1947, Psychometrika 12, 153-157; exact binomial form as in statsmodels
 *   `mcnemar(exact=True)`
 * @example exactMcNemar(1, 9) // 0.0215
 */
export function exactMcNemar(onlyBase: number, onlyTuned: number): number {
  const flips = onlyBase + onlyTuned;
  const fewer = Math.min(onlyBase, onlyTuned);
  let term = Math.exp(logChoose(flips, fewer) - flips * Math.LN2);
  let tail = 0;
  for (let i = fewer; term > tail * 1e-17; i--) {
    tail += term;
    term *= i / (flips - i + 1); // 0 after the last
  }
  return Math.min(1, 2 * tail);
}

/**
 * Smallest difference of two shares that n rows answered by both models show in four of five cases, at 5 %.
 *
 * @param rows rows judged by both models
 * @param flips share of rows on which the models disagree; 0.3 is a cautious guess before anything is
 *   measured.
 *   A difference cannot exceed it, so it is raised where the rows are few.
 * @returns a share from 0 to 1; 1 where no difference could be shown
 * @source Connor 1987, Biometrics 43, 207-211: n = (z_a sqrt(f) + z_b sqrt(f - d^2))^2 / d^2, solved for d
 */
export function minimumDetectableEffect(rows: number, flips = 0.3): number {
  const short = (difference: number) => {
    const share = Math.max(flips, difference);
    const needed = normal975 * Math.sqrt(share) + normal80 * Math.sqrt(share - difference ** 2);
    return needed > difference * Math.sqrt(rows);
  };
  if (rows < fewestFlips) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (short(middle)) low = middle;
    else high = middle;
  }
  return Math.max(high, fewestFlips / rows); // the formula is an approximation; the exact test has a floor
}

/**
 * Rows that both models must answer for a difference to show in four of five cases, at 5 %.
 *
 * @param effect wanted difference of the two shares, above 0 and at most 1
 * @param flips share of rows on which the models disagree; raised to `effect` where it is below
 * @source Connor 1987, Biometrics 43, 207-211, as in `minimumDetectableEffect`
 * @example neededRows(0.04, 0.2) // 979
 */
export function neededRows(effect: number, flips = 0.3): number {
  const share = Math.max(flips, effect);
  const root =
    (normal975 * Math.sqrt(share) + normal80 * Math.sqrt(Math.max(0, share - effect ** 2))) / effect;
  return Math.max(Math.ceil(root ** 2), Math.ceil(fewestFlips / share));
}
