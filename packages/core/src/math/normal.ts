/** @file The standard normal distribution. */

/** From here on the continued fraction converges faster than the series and keeps the digits of a small tail. */
const tailFrom = 3;

/** Terms of the fraction that reach double precision at `tailFrom`, where it converges slowest. */
const tailTerms = 60;

/** The 80 % quantile (the usual power), to full double precision. @source Wichura 1988, Algorithm AS 241 */
export const normal80 = 0.8416212335729143;
/** The 95 % quantile: both sides of a 90 % interval. @source as `normal80` */
export const normal95 = 1.6448536269514722;
/** The 97.5 % quantile: both sides of a 95 % interval. @source as `normal80` */
export const normal975 = 1.959963984540054;

/** Density at z. @source Abramowitz and Stegun 1964, 26.2.1 */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * Probability that a standard normal value is below z, to 15 digits, also in the lower tail.
 *
 * @source series: Marsaglia 2004, Journal of Statistical Software 11(4); continued fraction of the tail: Abramowitz and
 *   Stegun 1964, 26.2.14
 */
export function normalCdf(z: number): number {
  if (z > 0) return 1 - normalCdf(-z);
  if (z === Number.NEGATIVE_INFINITY) return 0;
  const distance = -z;
  if (distance >= tailFrom) {
    let fraction = distance;
    for (let term = tailTerms; term > 0; term--) fraction = distance + term / fraction;
    return normalDensity(z) / fraction;
  }
  let [sum, term] = [distance, distance];
  for (let odd = 3; term > sum * Number.EPSILON; odd += 2) {
    term *= (distance * distance) / odd;
    sum += term;
  }
  return 0.5 - sum * normalDensity(z);
}

/** Steps that refine the first guess, whose error is at most 0.00045, to double precision; each triples the digits. */
const quantileSteps = 3;

/**
 * The quantile of the standard normal distribution.
 *
 * @param probability from 0 to 1; 0 and 1 give infinities
 * @source first guess: Abramowitz and Stegun 1964, 26.2.23; then Halley's method on `normalCdf`
 */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0.5) return 0;
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  const t = Math.sqrt(-2 * Math.log(probability));
  let z =
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < quantileSteps; step++) {
    const newton = (normalCdf(z) - probability) / normalDensity(z);
    z -= newton / (1 + (z * newton) / 2);
  }
  return z;
}
