/** @file Whether a new model is not worse than an old one by more than a margin, and how many rows can show it. */

import { logChoose, normal80, normal975, normalCdf } from "@tunewise/core/math";
import type { Interval } from "../score.ts";
import { pairedDifference } from "./proportion.ts";

/** `worse`: shown to be worse by more than the margin. `unclear`: these rows show neither. */
export type NonInferiority = "not-worse" | "worse" | "unclear";

/**
 * Verdict of a paired comparison.
 *
 * @param gain 95 % confidence interval of new minus old, in a unit where more is better; `null` if there is none
 * @param margin largest loss that is accepted, above 0, in the same unit
 * @source one-sided test at 2.5 % as in ICH E9, section 3.3.2: not worse if the whole interval lies above -margin
 */
export function nonInferiority(gain: Interval | null, margin: number): NonInferiority {
  if (gain === null) return "unclear";
  if (gain.low > -margin) return "not-worse";
  return gain.high < -margin ? "worse" : "unclear";
}

/** What is assumed of two models that are equally good. */
export interface EqualModels {
  /** Largest accepted loss, 0 to 1. */
  readonly margin: number;
  /** Share of rows on which one of them is right and the other wrong. */
  readonly flips: number;
  /** Share of right answers of both. */
  readonly accuracy: number;
}

/**
 * Probability that rows show `not-worse` for two models that are equally good: the verdict itself, summed over all
 * counts of differing rows that are likely to occur.
 *
 * @param rows at least 2
 */
export function nonInferiorityPower(rows: number, models: EqualModels): number {
  const { flips, accuracy } = models;
  const differing = within(flips, 1 / rows, 2 * Math.min(accuracy, 1 - accuracy) || 1 / rows);
  let power = 0;
  for (const [count, chance] of likelyCounts(rows, differing)) {
    const most = largestLoss(rows, count, models);
    for (const [onlyBase, share] of likelyCounts(count, 0.5)) if (onlyBase <= most) power += chance * share;
  }
  return Math.min(1, power);
}

/** Of rows that differ, the largest number that only the old model answers right and the verdict is still `not-worse`. */
function largestLoss(rows: number, differing: number, { accuracy, margin }: EqualModels): number {
  const both = Math.round(within(accuracy * rows - differing / 2, 0, rows - differing));
  const isNotWorse = (onlyBase: number): boolean => {
    const onlyTuned = differing - onlyBase;
    const counts = { both, onlyBase, onlyTuned, neither: rows - differing - both };
    return nonInferiority(pairedDifference(counts), margin) === "not-worse";
  };
  let [low, high] = [-1, differing + 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isNotWorse(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Likely counts of a binomial distribution with their probabilities, up to five deviations from its mean.
 *
 * @source C(n, k) p^k (1 - p)^(n - k), in logarithms
 */
function likelyCounts(rows: number, share: number): [count: number, chance: number][] {
  if (share >= 1) return [[rows, 1]];
  const reach = 5 * Math.sqrt(rows * share * (1 - share)) + 1;
  const from = Math.max(0, Math.floor(rows * share - reach));
  const to = Math.min(rows, Math.ceil(rows * share + reach));
  const [hit, miss] = [Math.log(share), Math.log1p(-share)];
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const count = from + at;
    return [count, Math.exp(logChoose(rows, count) + count * hit + (rows - count) * miss)];
  });
}

/** More rows than this are no advice. */
const maxRows = 20_000;
/** Up to this many rows the power is computed; above it, the normal approximation is as good. */
const maxExactRows = 2_000;

/**
 * Number of rows that show `not-worse` with a power of 80 % for two equally good models; `null` above 20,000.
 *
 * @source n = f (z_0.975 + z_0.8)^2 / margin^2 with the share f of differing rows (Lu and Bean 1995, Statistics in
 *   Medicine 14, 1831-1839, at no true difference), refined by `nonInferiorityPower`
 * @example rowsForNonInferiority({ margin: 0.05, flips: 0.12, accuracy: 0.8 }) // 402
 */
export function rowsForNonInferiority(models: EqualModels): number | null {
  const guess = Math.ceil(models.flips * ((normal975 + normal80) / models.margin) ** 2);
  if (guess > maxExactRows) return guess > maxRows ? null : guess;
  const isEnough = (rows: number): boolean => nonInferiorityPower(rows, models) >= 0.8;
  let [low, high] = [2, Math.max(8, guess)];
  while (!isEnough(high)) high *= 2;
  while (high - low > Math.max(1, high / 200)) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Rows that a margin needs, before any model was compared. */
export interface RowsPlanned {
  /** Assumed share of rows on which one model is right and the other wrong. */
  readonly flips: number;
  /** `null` above 20,000. */
  readonly rows: number | null;
}

/**
 * Rows that show `not-worse` with a power of 80 % for two equally good models, over the shares of differing rows that
 * are usual between a model and its replacement. The share of right answers, here 80 %, hardly matters.
 */
export function rowsForMargin(margin: number): readonly RowsPlanned[] {
  return [0.05, 0.1, 0.2].map((flips) => ({
    flips,
    rows: rowsForNonInferiority({ margin, flips, accuracy: 0.8 }),
  }));
}

/**
 * The same for scores between 0 and 1.
 *
 * @param spread standard deviation of the differences by row
 */
export function rowsForSpread(margin: number, spread: number): number | null {
  if (spreadPower(maxRows, margin, spread) < 0.8) return null;
  let [low, high] = [1, maxRows];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (spreadPower(middle, margin, spread) >= 0.8) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Power for scores between 0 and 1, with the lost row that `judgeNotWorse` adds.
 *
 * @source normal approximation: Phi((margin - 1 / n) sqrt(n) / s - z_0.975), s^2 the variance by row
 */
export function spreadPower(rows: number, margin: number, spread: number): number {
  const all = rows + 1;
  const deviation = Math.sqrt(spread ** 2 + 1 / all);
  return normalCdf(((margin - 1 / all) * Math.sqrt(all)) / deviation - normal975);
}

function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
