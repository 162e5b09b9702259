/**
 * @file A few weights of a model, by which a model that was tuned from it is told from a stranger of the same shape.
 */

/** Sampled values by the names of matrices: norms are near one in every model and would make strangers look alike. */
export type WeightSamples = ReadonlyMap<string, Float32Array>;

/** Values taken of each matrix, evenly spread. */
const perMatrix = 32;

/** Below this two models are strangers: tuning leaves it above 0.9, and weights of other origin agree in nothing. */
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
 * Correlation over the matrices that both have; 0 where they have none, or one has no spread.
 *
 * @source Pearson's coefficient, about zero: weights of matrices lie around it
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
