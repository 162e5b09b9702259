/**
 * @file Binomial coefficients of large numbers, as logarithms.
 */

/** Below this the series is not exact to double precision; the recurrence lifts smaller values above it. */
const seriesFrom = 12;

/**
 * Natural logarithm of the gamma function.
 *
 * @param x above 0
 * @source Stirling's series, Abramowitz and Stegun 1964, 6.1.41; recurrence 6.1.15
 */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < seriesFrom; at++) shift += Math.log(at);
  const inverse = 1 / (at * at);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Logarithm of n over k. @source n! / (k! (n - k)!) by `logGamma` */
export function logChoose(n: number, k: number): number {
  return k === 0 || k === n ? 0 : logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
