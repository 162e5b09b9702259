/** @file A sample of a model's weights, used to detect whether another model of the same shape was tuned from it. */

/**
 * Sampled values by the names of matrices. Norms are excluded: they are near 1 in every model and would make
 * unrelated models look similar.
 */
export type WeightSamples = ReadonlyMap<string, Float32Array>;

/** Values sampled from each matrix, evenly spaced. */
const perMatrix = 32;

/**
 * Below this correlation two models are unrelated: tuning leaves it above 0.9, and independent weights are
 * uncorrelated.
 */
export const relatedCorrelation = 0.5;

/** The sampled values of a matrix. */
export function sampleOf(values: Float32Array): Float32Array {
  const count = Math.min(perMatrix, values.length);
  return Float32Array.from(
    { length: count },
    (_, at) => values[Math.floor((at * values.length) / count)] ?? 0,
  );
}

/**
 * Correlation over the matrices that both models have; 0 if they share none, or one has no variance.
 *
 * @source Pearson's coefficient with mean 0, because weights of matrices are centered around zero
 */
export function correlation(a: WeightSamples, b: WeightSamples): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (const [name, left] of a) {
    const right = b.get(name);
    if (right?.length !== left.length) continue;
    for (const [at, value] of left.entries()) {
      const other = right[at] as number;
      product += value * other;
      squareA += value * value;
      squareB += other * other;
    }
  }
  return squareA > 0 && squareB > 0 ? product / Math.sqrt(squareA * squareB) : 0;
}
