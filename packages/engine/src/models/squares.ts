/** @file Row and column sums of a weight gradient's squares, without forming the gradient if rows are short. */
import { gemm, multiply, reduce } from "../graph/build.ts";
import type { Value } from "../graph/value.ts";

/** Method: `products` multiplies the rows' tokens with each other · `gradient` forms the gradient itself. */
export type SquaresBy = "products" | "gradient";

/**
 * Chooses the cheaper method: products take 4 N^2 (I + O) operations, a gradient 2 N I O, for N tokens per row.
 *
 * @param widths of the matrices, input and output
 */
export function cheaperSquares(tokens: number, widths: readonly (readonly [number, number])[]): SquaresBy {
  const sum = (of: (a: number, b: number) => number): number =>
    widths.reduce((all, [a, b]) => all + of(a, b), 0);
  return 2 * tokens * sum((a, b) => a + b) < sum((a, b) => a * b) ? "products" : "gradient";
}

/**
 * The sums for the gradient of a matrix `[O, I]`: rows `[O]` and columns `[I]`.
 *
 * @source with G = D^T X, the gradient of a product's weight: the diagonals of G G^T = D^T (X X^T) D and
 *   G^T G = X^T (D D^T) X
 */
export function squareSums(
  gradient: Value,
  by: SquaresBy,
): { readonly rows: Value; readonly columns: Value } {
  const [delta, x] = gradient.inputs;
  const { transposeA, transposeB } = gradient.attributes;
  const isProduct = gradient.op === "gemm" && gradient.inputs.length === 2 && transposeA && !transposeB;
  if (by === "products" && isProduct && delta && x) {
    const around = (outer: Value, inner: Value): Value => {
      const mixed = gemm(gemm(inner, inner, { transposeB: true }), outer);
      return reduce("sum", multiply(outer, mixed), 0);
    };
    return { rows: around(delta, x), columns: around(x, delta) };
  }
  const squares = multiply(gradient, gradient);
  return { rows: reduce("sum", squares, 1), columns: reduce("sum", squares, 0) };
}
