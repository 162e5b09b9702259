/** @file Intervals by drawing rows again and again: for means, ratios and F1 that no formula fits. */

import { mulberry32, type Random, randomBelow } from "./random.ts";
import { quantile } from "./summary.ts";

/** How to draw. The same seed gives the same interval to the bit. */
export interface BootstrapSettings {
  readonly seed: number;
  readonly draws: number;
}

/**
 * 95 % percentile interval of a statistic over rows drawn with replacement.
 *
 * For a difference of two models on the same rows, let `statistic` use the drawn rows for both: that is the paired
 * bootstrap. Draws without a value (NaN) are left out.
 *
 * @param rowCount n, at least 2
 * @param statistic value for n row indices; the array is reused between calls; `pick` draws a number below a limit,
 *   where something else than rows is drawn as well
 * @returns `null` where no draw had a value
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

/** As many of the items as there are, drawn with replacement. @source Efron and Tibshirani 1993, section 6.2 */
export function resampled<Item>(items: readonly Item[], random: Random): Item[] {
  return items.map(() => items[randomBelow(random, items.length)] as Item);
}
