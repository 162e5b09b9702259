/**
 * @file Means and spreads that a few wild values do not move.
 */

/** The middle value; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Median absolute deviation, as the standard deviation it stands for where values are normal.
 *
 * @source factor 1.4826: Rousseeuw and Croux 1993, section 1
 */
export function robustDeviation(values: readonly number[]): number {
  const usual = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - usual)));
}

/** Arithmetic mean; 0 for none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Squared standard error of the mean; 0 below two values. @source s^2 / n */
export function meanVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const sum = values.reduce((total, value) => total + (value - middle) ** 2, 0);
  return sum / (values.length - 1) / values.length;
}
