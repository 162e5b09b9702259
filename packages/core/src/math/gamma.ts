/** @file Logarithms of the gamma and beta functions and of binomial coefficients. */

/** Below this value the series is not exact to double precision; the recurrence moves smaller arguments above it. */
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
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + stirling(at) - shift;
}

/** Correction term of Stirling's formula at x, at least 12. @source Abramowitz and Stegun 1964, 6.1.41 */
function stirling(x: number): number {
  const inverse = 1 / (x * x);
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
}

/**
 * Natural logarithm of the beta function. If one argument is large, terms that would cancel are never computed.
 *
 * @param a above 0
 * @param b above 0
 * @source Didonato and Morris 1992, Algorithm 708, ACM Transactions on Mathematical Software 18, 360-373
 */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < seriesFrom) return logGamma(small) + logGamma(large) - logGamma(small + large);
  const sum = small + large;
  const ratio = (large - 0.5) * Math.log1p(small / large) + small * Math.log(sum) - small;
  return logGamma(small) - (ratio + stirling(sum) - stirling(large));
}

/** Logarithm of n over k. @source n! / (k! (n - k)!) by `logGamma` */
export function logChoose(n: number, k: number): number {
  return k === 0 || k === n ? 0 : logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
