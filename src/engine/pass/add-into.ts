/**
 * @file Sums of arrays in place.
 */

/** Adds `part` times a factor to `sum`, number by number. */
export function addScaled(sum: Float32Array, part: Float32Array, factor: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + factor * (part[at] as number);
}

/** Adds `part` to `sum`, number by number. */
export function addInto(sum: Float32Array, part: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
}
