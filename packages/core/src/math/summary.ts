/** @file Means, spreads and quantiles of a list of numbers. */

/** Sum; 0 for an empty list. */
export function sum(values: ArrayLike<number>): number {
  return sumOf(values, (value) => value);
}

/** Product; 1 for an empty list. */
export function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}

/** Max. of any number of values, at least 0; spreading them into `Math.max` could overflow the stack. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Arithmetic mean; 0 for an empty list. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / Math.max(1, values.length);
}

/** Population variance: the mean squared deviation; 0 for an empty list. @source sum (x - mean)^2 / n */
export function populationVariance(values: ArrayLike<number>): number {
  const middle = mean(values);
  return sumOf(values, (value) => (value - middle) ** 2) / Math.max(1, values.length);
}

/** Squared standard error of the mean; 0 for fewer than two values. @source s^2 / n, where s^2 divides by n - 1 */
export function meanVariance(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return sumOf(values, (value) => (value - middle) ** 2) / (values.length - 1) / values.length;
}

/** Median: the middle value, or the mean of the two middle ones; NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Median absolute deviation, scaled to estimate the standard deviation of normal values.
 *
 * @source factor 1.4826: Rousseeuw and Croux 1993, section 1
 */
export function robustDeviation(values: readonly number[]): number {
  const usual = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - usual)));
}

/**
 * Quantile of sorted values, with linear interpolation; NaN for an empty list.
 *
 * @param sorted ascending; may start or end with infinities
 * @source Hyndman and Fan 1996, type 7 (NumPy's default)
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low === high ? low : low + (high - low) * (at - Math.floor(at)); // `Infinity - Infinity` is NaN
}

/**
 * Quantile of sorted values without interpolation: the value nearest to the position of `quantile`; 0 for an empty
 * list.
 */
export function nearestQuantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

function sumOf(values: ArrayLike<number>, term: (value: number) => number): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += term(values[at] as number);
  return total;
}
