/**
 * @file Pooling: combines the vectors of a text's tokens into one vector.
 *
 * @source Reimers and Gurevych 2019 (arXiv 1908.10084), section 3; UKPLab/sentence-transformers
 *   sentence_transformers/models/Pooling.py
 */

/** Pooling modes; the results of several modes are concatenated in this order. */
export const poolings = ["cls", "max", "mean", "mean-sqrt", "last"] as const;

/** A pooling mode. */
export type Pooling = (typeof poolings)[number];

/**
 * Pools one text.
 *
 * @param states `[T, D]` of its tokens, without padding
 * @param target `[D]`, overwritten
 */
export function pool(states: Float32Array, pooling: Pooling, target: Float32Array): void {
  const width = target.length;
  const tokens = states.length / width;
  if (pooling === "cls") target.set(states.subarray(0, width));
  else if (pooling === "last") target.set(states.subarray((tokens - 1) * width));
  else if (pooling === "max") {
    target.set(states.subarray(0, width));
    for (let at = width; at < states.length; at++) {
      target[at % width] = Math.max(target[at % width] as number, states[at] as number);
    }
  } else {
    const sums = new Float64Array(width);
    for (let at = 0; at < states.length; at++)
      sums[at % width] = (sums[at % width] as number) + (states[at] as number);
    const share = pooling === "mean" ? tokens : Math.sqrt(tokens);
    for (let at = 0; at < width; at++) target[at] = (sums[at] as number) / share;
  }
}

/** Normalizes a vector to length 1; a zero vector is left unchanged. */
export function normalize(vector: Float32Array): void {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] as number) / length;
}
