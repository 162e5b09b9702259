/** @file The operators in machine code: which kinds there are, and their names in programs. */
import { type Dim, sumDim } from "../graph/shape.ts";

/** Formats of stored matrices. NF4: two codes a byte, the first in the upper half; a float32 scale for 64 codes. */
export const matrixFormats = ["bfloat16", "float32", "nf4"] as const;

/** One of these formats. */
export type MatrixFormat = (typeof matrixFormats)[number];

/** How a product's matrix is stored, and whether its rows are the product's columns (x W^T) or inner numbers (g W). */
export interface ProductKind {
  readonly format: MatrixFormat;
  readonly transposed: boolean;
  readonly hasAddend: boolean;
  /** Whether the product of two matrices with few columns is added, as LoRA does. */
  readonly hasThin: boolean;
}

/** Name of a product's operator. */
export function productName({ format, transposed, hasAddend, hasThin }: ProductKind): string {
  return `Bf16Product_${format}${transposed ? "_transposed" : ""}${hasThin ? "_thin" : ""}${hasAddend ? "_add" : ""}`;
}

/** Thin columns that are summed at once. */
export const thinGroup = 8;
/** Wide columns of a task, and the fewest that there may be. */
export const thinTaskColumns = 48;

/** Whether a product x^T y is thin: columns of the wide and of the thin side. */
export function isThin(wide: number, thin: number): boolean {
  return thin % thinGroup === 0 && thin <= 64 && wide % 16 === 0 && wide >= thinTaskColumns;
}

/** Name of the operator of a thin product. */
export function thinProductName(isTransposed: boolean): string {
  return `ThinProduct${isTransposed ? "_transposed" : ""}`;
}

/** P, the tokens of a page: a longer one makes fewer products and attends to more places that hold nothing. */
export const pageTokens = 32;

/** Query heads that attention to pages multiplies at once. */
export const groupHeads = 4;
/** Tokens that it multiplies at once. */
export const groupTokens = 4;
/** Scores of one round of its softmax. */
export const roundScores = 48;
/** Columns of values of one pass. */
export const passColumns = 32;

/** Whether attention to pages is computed by one operator: for this width of heads, and scores without a cap. */
export function fitsPagedAttention({
  headWidth,
  attentionCap,
}: {
  readonly headWidth: number;
  readonly attentionCap: number | null;
}): boolean {
  return headWidth % passColumns === 0 && attentionCap === null;
}

/** Columns of its scores for so many places of pages: the new token's follow, and a round that is hidden. */
export function scoreColumns(places: Dim): Dim {
  return sumDim(places, groupTokens + roundScores);
}

/** Name of attention in blocks, or of its gradient; scores with a soft cap have operators of their own. */
export function attentionName({
  isGradient,
  isCapped,
}: {
  readonly isGradient: boolean;
  readonly isCapped: boolean;
}): string {
  return `Attention${isGradient ? "Gradient" : ""}${isCapped ? "Capped" : ""}`;
}
