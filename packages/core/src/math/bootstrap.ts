/** @file Bootstrap intervals for statistics without a closed formula, such as means, ratios and F1. */

import { mulberry32, type Random, randomBelow } from "./random.ts";
import { quantile } from "./summary.ts";

/** Resampling settings. The same seed gives a bit-identical interval. */
export interface BootstrapSettings {
  readonly seed: number;
  readonly draws: number;
}

/**
 * 95 % percentile interval of a statistic over rows drawn with replacement.
 *
 * To compare two models on the same rows, let `statistic` use the drawn rows for both: this is the paired bootstrap.
 * Draws whose statistic is NaN are ignored.
 *
 * @param rowCount n, at least 2
 * @param statistic value for n row indices; the array is reused between calls; `pick` draws a number below a limit, for
 *   statistics that resample other things than rows too
 * @returns `null` if every draw gave NaN
 * @source Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3
 */
export function bootstrapInterval(
  rowCount: number,
  statistic: (rows: Int32Array, pick: (limit: number) => number) => number,
  settings: BootstrapSettings,
): { readonly low: number; readonly high: number } | null {
  const random = mulberry32(settings.seed);
  const pick = (limit: number): number => randomBelow(random, limit);
  const rows = new Int32Array(rowCount);
  const values: number[] = [];
  for (let draw = 0; draw < settings.draws; draw++) {
    for (let i = 0; i < rowCount; i++) rows[i] = pick(rowCount);
    const value = statistic(rows, pick);
    if (!Number.isNaN(value)) values.push(value);
  }
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/**
 * Resamples the items with replacement, to a list of the same length.
 *
 * @source Efron and Tibshirani 1993, section 6.2
 */
export function resampled<Item>(items: readonly Item[], random: Random): Item[] {
  return items.map(() => items[randomBelow(random, items.length)] as Item);
}
