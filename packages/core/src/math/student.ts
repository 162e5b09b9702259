/** @file Student's t distribution. */
import { logBeta } from "./gamma.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** Above this many degrees of freedom, one term beyond the normal distribution is exact to 10 digits. */
const nearNormalFrom = 1e6;

/** Probability that Student's t is below a value. @source Abramowitz and Stegun 1964, 26.7.1 */
export function studentCdf(value: number, degrees: number): number {
  return value > 0 ? 1 - upperTail(value, degrees) : upperTail(-value, degrees);
}

/**
 * The quantile of Student's t, to 10 digits.
 *
 * @param probability from 0 to 1; 0 and 1 give infinities
 * @param degrees of freedom, above 0; need not be an integer
 * @source Newton's method with bisection wherever a step leaves the bracket: Press et al., Numerical Recipes, 3rd ed.,
 *   section 9.4
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  if (probability === 0.5) return 0;
  if (degrees === Number.POSITIVE_INFINITY || probability === 1) return normalQuantile(probability);
  const tail = 1 - probability;
  let [low, high] = [0, Math.max(1, normalQuantile(probability))];
  while (upperTail(high, degrees) > tail) [low, high] = [high, high * 2];
  let value = high;
  for (let step = 0; step < 200; step++) {
    const excess = upperTail(value, degrees) - tail;
    if (excess > 0) low = value;
    else high = value;
    const newton = value + excess / density(value, degrees);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - value) <= 1e-14 * next) return next;
    value = next;
  }
  return value;
}

/**
 * Probability above a value, which is at least 0.
 *
 * @source Abramowitz and Stegun 1964, 26.7.1; 26.7.5 to its first term
 */
function upperTail(value: number, degrees: number): number {
  const square = value * value;
  if (degrees > nearNormalFrom) return normalCdf((value * (square + 1)) / (4 * degrees) - value);
  if (square === Number.POSITIVE_INFINITY) return 0;
  return regularizedBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5) / 2;
}

/** @source Student 1908; Abramowitz and Stegun 1964, 26.7.2 */
function density(value: number, degrees: number): number {
  const kernel = -((degrees + 1) / 2) * Math.log1p((value * value) / degrees);
  return Math.exp(kernel - logBeta(degrees / 2, 0.5)) / Math.sqrt(degrees);
}

/**
 * The regularized incomplete beta function.
 *
 * @param x from 0 to 1
 * @param rest 1 - x, passed separately so that no digits are lost if x is near 1
 * @source Abramowitz and Stegun 1964, 26.5.8, and 26.5.2 where the fraction would converge slowly
 */
function regularizedBeta(x: number, rest: number, a: number, b: number): number {
  if (x === 0 || rest === 0) return x === 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(rest, x, b, a);
  const logX = x > 0.5 ? Math.log1p(-rest) : Math.log(x);
  const logRest = x > 0.5 ? Math.log(rest) : Math.log1p(-x);
  return (Math.exp(a * logX + b * logRest - logBeta(a, b)) / a) * betaFraction(x, a, b);
}

/** The continued fraction of the incomplete beta function. @source Lentz 1976, Applied Optics 15, 668-671 */
function betaFraction(x: number, a: number, b: number): number {
  const nonZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  const extend = (coefficient: number): number => {
    d = 1 / nonZero(1 + coefficient * d);
    c = nonZero(1 + coefficient / c);
    fraction *= c * d;
    return Math.abs(c * d - 1);
  };
  // needs about as many terms as the square root of the larger of a and b
  for (let m = 1; m < 20 + 10 * Math.sqrt(Math.max(a, b)); m++) {
    extend((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const change = extend((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    if (change < 1e-16) break;
  }
  return fraction;
}
