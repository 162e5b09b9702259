/**
 * @file Merging a low-rank update into the matrix it was trained beside.
 */

/**
 * W becomes W + scaling B A, in place.
 *
 * Sums run in double precision and are rounded once per value, so that a row of zeros in B leaves W to the bit.
 *
 * @param weight `[out, in]`
 * @param a `[R, in]`
 * @param b `[out, R]`
 * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1: h = W x + scaling B A x
 */
export function mergeLowRank(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  rank: number,
  scaling: number,
): void {
  const width = a.length / rank;
  const rows = b.length / rank;
  if (weight.length !== rows * width) {
    throw new Error(`Internal: ${weight.length} values for ${rows} rows of ${width}`);
  }
  const change = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const factors = b.subarray(row * rank, (row + 1) * rank);
    if (factors.every((factor) => factor === 0)) continue;
    change.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scaling * (factors[k] as number);
      const from = k * width;
      for (let i = 0; i < width; i++) change[i] = (change[i] as number) + factor * (a[from + i] as number);
    }
    const at = row * width;
    for (let i = 0; i < width; i++) weight[at + i] = (weight[at + i] as number) + (change[i] as number);
  }
}
