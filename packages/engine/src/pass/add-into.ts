/** @file In-place sums of arrays. */

/** Adds `factor` times `part` to `sum`, element by element. */
export function addInto(sum: Float32Array, part: Float32Array, factor = 1): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + factor * (part[at] as number);
}
