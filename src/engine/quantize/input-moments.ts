/**
 * @file How the inputs of a matrix hang together.
 */

/** Sums of products of a matrix's inputs, x x^T, in blocks along the diagonal. */
export interface InputMoments {
  /** Inputs of a block; the last one may be smaller. */
  readonly width: number;
  /** `[width, width]` each, row-major. */
  readonly blocks: readonly Float64Array[];
}
