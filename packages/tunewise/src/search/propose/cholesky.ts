/** @file Cholesky decomposition of a symmetric positive definite matrix, and triangular solves. */

/**
 * The lower triangle L with L Lᵀ = A, row-major in a flat array.
 *
 * @param matrix `[size, size]`, symmetric; only its lower triangle is read
 * @returns `null` if the matrix is not positive definite
 * @source Golub and Van Loan 2013, Matrix Computations, algorithm 4.2.1
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | null {
  const root = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column] as number;
      for (let at = 0; at < column; at++) {
        sum -= (root[row * size + at] as number) * (root[column * size + at] as number);
      }
      if (row !== column) root[row * size + column] = sum / (root[column * size + column] as number);
      else if (sum > 1e-12) root[row * size + row] = Math.sqrt(sum);
      else return null;
    }
  }
  return root;
}

/** Solves L x = b. */
export function solveLower(root: Float64Array, size: number, right: ArrayLike<number>): Float64Array {
  const x = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    let sum = right[row] as number;
    for (let at = 0; at < row; at++) sum -= (root[row * size + at] as number) * (x[at] as number);
    x[row] = sum / (root[row * size + row] as number);
  }
  return x;
}

/** Solves Lᵀ x = b. */
export function solveUpper(root: Float64Array, size: number, right: ArrayLike<number>): Float64Array {
  const x = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let sum = right[row] as number;
    for (let at = row + 1; at < size; at++) sum -= (root[at * size + row] as number) * (x[at] as number);
    x[row] = sum / (root[row * size + row] as number);
  }
  return x;
}
