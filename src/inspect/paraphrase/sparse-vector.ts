/**
 * @file A text as the weights of its grams.
 */

/** Distinct grams by rising hash, with their weights; the length of the vector is one. */
export interface SparseVector {
  readonly hashes: Uint32Array;
  readonly weights: Float32Array;
}

/** Cosine of two vectors of length one and without negative weights: 0 to 1. */
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
