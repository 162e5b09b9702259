/**
 * @file Points of Student's t and of the normal distribution.
 */

/** Chances that lie above a point, with the normal distribution's point and those of t for few degrees of freedom. */
const tails = {
  "0.1 %": { normal: 3.0902, few: [318.3, 22.33, 10.21, 7.173, 5.893, 5.208, 4.785, 4.501, 4.297, 4.144] },
  "5 %": { normal: 1.6449, few: [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812] },
} as const;

/**
 * Upper point of Student's t, one-sided.
 *
 * @param degrees of freedom, from 1
 * @source table and expansion in 1 / degrees: Abramowitz and Stegun, table 26.10 and formula 26.7.5
 */
export function studentLimit(tail: keyof typeof tails, degrees: number): number {
  const { normal: z, few } = tails[tail];
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return few[degrees - 1] ?? z + first / degrees + second / degrees ** 2;
}

/** Width of Student's t as a multiple of the normal distribution's, at the upper 5 % point. @source as `studentLimit` */
export function studentWidening(degrees: number): number {
  return studentLimit("5 %", degrees) / tails["5 %"].normal;
}

/** Coefficients of the polynomial in `normalBelow`. */
const tailSeries = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429] as const;

/**
 * Chance that a standard normal number is below z, wrong by 1e-7 at most.
 *
 * @source Abramowitz and Stegun, formula 26.2.17
 */
export function normalBelow(z: number): number {
  const place = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = tailSeries.reduceRight((sum, coefficient) => (sum + coefficient) * place, 0);
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? above : 1 - above;
}
