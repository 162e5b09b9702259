/** @file A text as a sparse vector of gram weights. */

/** Distinct grams by ascending hash, with their weights; the vector has unit length. */
export interface SparseVector {
  readonly hashes: Uint32Array;
  readonly weights: Float32Array;
}

/** Scales the first `size` weights, whose squares add up to `sum`, to unit length. */
export function unitVector(
  hashes: Uint32Array,
  weights: Float32Array,
  sum: number,
  size: number = hashes.length,
): SparseVector {
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let at = 0; at < size; at++) (weights[at] as number) *= scale;
  return { hashes: hashes.subarray(0, size), weights: weights.subarray(0, size) };
}

/** Cosine of two unit vectors without negative weights: 0 to 1. */
export function cosineOf(one: SparseVector, other: SparseVector): number {
  let [sum, first, second] = [0, 0, 0];
  while (first < one.hashes.length && second < other.hashes.length) {
    const [a, b] = [one.hashes[first] as number, other.hashes[second] as number];
    if (a === b) sum += (one.weights[first] as number) * (other.weights[second] as number);
    if (a <= b) first++;
    if (b <= a) second++;
  }
  return Math.min(1, sum);
}
