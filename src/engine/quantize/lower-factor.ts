/**
 * @file A symmetric positive matrix as C^T C, C lower triangular.
 */

/** `factor` is `c`; `corners` are the squares `C[i][i]^2`. */
export interface LowerFactor {
  readonly factor: Float64Array;
  readonly corners: Float64Array;
}

/**
 * The factor, each row divided by its diagonal: `c[i][k] = C[i][k] / C[i][i]`, 1 on the diagonal.
 *
 * With it x^T H x is a sum of squares of `x[i] + sum over k < i of c[i][k] x[k]`, each times C[i][i]^2: what the
 * entries before i did can be made up for by entry i.
 *
 * @param matrix `[n, n]`, row-major; only its lower half is read
 * @param damping added to the diagonal, as a share of its mean, so that no direction is without weight
 * @source Golub and Van Loan, Matrix Computations, section 4.2, from the last row up
 */
export function lowerFactor(matrix: Float64Array, n: number, damping: number): LowerFactor {
  let trace = 0;
  for (let at = 0; at < n; at++) trace += matrix[at * n + at] as number;
  const added = trace > 0 ? (damping * trace) / n : 1;
  const rest = Float64Array.from(matrix);
  for (let at = 0; at < n; at++) rest[at * n + at] = (rest[at * n + at] as number) + added;
  const factor = new Float64Array(n * n);
  const corners = new Float64Array(n);
  // H = C^T C: the last row of C is the last row of H over its corner's root; what it explains is taken off the rest
  for (let row = n - 1; row >= 0; row--) {
    const corner = rest[row * n + row] as number;
    corners[row] = corner;
    factor[row * n + row] = 1;
    for (let at = 0; at < row; at++) factor[row * n + at] = (rest[row * n + at] as number) / corner;
    for (let i = 0; i < row; i++) {
      const share = rest[row * n + i] as number;
      if (share === 0) continue;
      for (let k = 0; k <= i; k++) {
        rest[i * n + k] = (rest[i * n + k] as number) - share * (factor[row * n + k] as number);
      }
    }
  }
  return { factor, corners };
}
