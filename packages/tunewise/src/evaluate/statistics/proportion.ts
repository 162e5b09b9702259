/**
 * @file Proportions of right answers: paired differences, McNemar's test, and statistical
 *   power.
 */

import { logChoose, normal80, normal975, wilsonInterval } from "@tunewise/core/math";
import type { Interval } from "../score.ts";

/** Min. discordant rows for the exact test, even if all agree in direction: 2 / 2^6 is the first value below 5 %. */
const minDiscordantRows = 6;

/** Paired counts of two models on the same rows. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyBase: number;
  readonly onlyTuned: number;
  readonly neither: number;
}

/** Counts the rows that both models, one of them or neither answered right; entries of both lists are paired. */
export function countPairs(base: readonly boolean[], tuned: readonly boolean[]): PairedCounts {
  const count = (before: boolean, after: boolean): number =>
    base.filter((isRight, row) => isRight === before && tuned[row] === after).length;
  return {
    both: count(true, true),
    onlyBase: count(true, false),
    onlyTuned: count(false, true),
    neither: count(false, false),
  };
}

/**
 * 95 % confidence interval of the paired difference, tuned minus base.
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
 * Correlation of the paired answers; a continuity correction shrinks it toward 0 if it is positive.
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
 * Exact two-sided McNemar test: the probability of a split at least this uneven if neither model is better.
 *
 * Terms are summed from the largest down until they no longer contribute, in logarithms, so that millions of
 * discordant rows take as long as hundreds.
 *
 * @param onlyBase number of rows that only the base model answered right
 * @param onlyTuned number of rows that only the tuned model answered right
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
    term *= i / (flips - i + 1); // 0 after the last term
  }
  return Math.min(1, 2 * tail);
}

/**
 * Smallest difference of two proportions that n paired rows detect with 80 % power at the 5 % level.
 *
 * @param rows rows scored for both models
 * @param flips share of rows on which the models disagree; 0.3 is a cautious guess before anything is measured. A
 *   difference cannot exceed it, so it is raised for small numbers of rows.
 * @returns a share from 0 to 1; 1 if no difference could be detected
 * @source Connor 1987, Biometrics 43, 207-211: n = (z_a sqrt(f) + z_b sqrt(f - d^2))^2 / d^2, solved for d
 */
export function minimumDetectableEffect(rows: number, flips = 0.3): number {
  const short = (difference: number) => {
    const share = Math.max(flips, difference);
    const needed = normal975 * Math.sqrt(share) + normal80 * Math.sqrt(share - difference ** 2);
    return needed > difference * Math.sqrt(rows);
  };
  if (rows < minDiscordantRows) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (short(middle)) low = middle;
    else high = middle;
  }
  return Math.max(high, minDiscordantRows / rows); // the exact test needs a minimum of rows
}

/**
 * Number of paired rows needed to detect a difference with 80 % power at the 5 % level.
 *
 * @param effect difference of the two proportions, above 0 and at most 1
 * @param flips share of rows on which the models disagree; raised to `effect` if it is below
 * @source Connor 1987, Biometrics 43, 207-211, as in `minimumDetectableEffect`
 * @example neededRows(0.04, 0.2) // 979
 */
export function neededRows(effect: number, flips = 0.3): number {
  const share = Math.max(flips, effect);
  const root =
    (normal975 * Math.sqrt(share) + normal80 * Math.sqrt(Math.max(0, share - effect ** 2))) / effect;
  return Math.max(Math.ceil(root ** 2), Math.ceil(minDiscordantRows / share));
}
