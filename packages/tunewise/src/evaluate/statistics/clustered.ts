/** @file Clustered bootstrap of a mean: resamples whole groups, because rows of the same passage are correlated. */

import {
  type BootstrapSettings,
  mulberry32,
  normal975,
  quantile,
  studentQuantile,
} from "@tunewise/core/math";
import type { Interval } from "../score.ts";
import { sumGroups } from "./sums.ts";

/** A mean with its confidence interval and p-value. */
export interface BootstrapMean {
  readonly value: number;
  /** 95 % confidence interval; `null` for fewer than two groups. */
  readonly interval: Interval | null;
  /** Two-sided p-value of the null hypothesis that the mean is 0; never below 1 / (draws + 1). */
  readonly pValue: number;
  /** Number of resampled units: groups, or rows if there are no groups. */
  readonly units: number;
}

/**
 * Mean over rows, with a confidence interval from resampling groups.
 *
 * To compare two models on the same rows, pass the differences by row; this is the paired bootstrap.
 *
 * @param values one per row, at least one
 * @param groups group of each row; `null` if rows are independent
 * @source Efron and Tibshirani 1993, section 13.3 and 16.4; groups as in Miller 2024 (arXiv 2411.00640), section 2.2;
 *   width by Hesterberg 2015, section 4.1
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  groups: readonly (string | number)[] | null,
  settings: BootstrapSettings,
): BootstrapMean {
  const { sums, sizes } = sumGroups(values, groups);
  const units = sums.length;
  const value = sums.reduce((sum, one) => sum + one, 0) / values.length;
  if (units < 2) return { value, interval: null, pValue: 1, units };
  const random = mulberry32(settings.seed);
  const stretch = expansion(units);
  const means = new Float64Array(settings.draws);
  let [below, above] = [0, 0];
  for (let draw = 0; draw < settings.draws; draw++) {
    let [sum, size] = [0, 0];
    for (let i = 0; i < units; i++) {
      const unit = Math.floor(random() * units);
      sum += sums[unit] ?? 0;
      size += sizes[unit] ?? 0;
    }
    const mean = value + (sum / size - value) * stretch;
    means[draw] = mean;
    if (mean <= 0) below++;
    if (mean >= 0) above++;
  }
  means.sort();
  const pValue = Math.min(1, (2 * (Math.min(below, above) + 1)) / (settings.draws + 1));
  return { value, interval: { low: quantile(means, 0.025), high: quantile(means, 0.975) }, pValue, units };
}

/**
 * Factor that widens bootstrap deviations: the bootstrap divides by n instead of n - 1, and treats the spread as
 * known.
 *
 * @param units number of resampled units, rows or whole groups; at least 2
 * @source Hesterberg 2015, The American Statistician 69, 371-386, section 4.1: expanded percentile interval
 */
function expansion(units: number): number {
  const degrees = units - 1;
  return (studentQuantile(0.975, degrees) / normal975) * Math.sqrt(units / degrees);
}
