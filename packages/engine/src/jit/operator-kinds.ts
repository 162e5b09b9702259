/** @file The kinds of machine code operators, and their names in programs. */
import { type Dim, sumDim } from "../graph/shape.ts";

/** Formats of stored matrices. NF4: two codes per byte, the first in the upper half; a float32 scale per 64 codes. */
export const matrixFormats = ["bfloat16", "float32", "nf4"] as const;

/** One of these formats. */
export type MatrixFormat = (typeof matrixFormats)[number];

/** Format of a product's matrix, and whether its rows are the product's columns (x W^T) or its inner axis (g W). */
export interface ProductKind {
  readonly format: MatrixFormat;
  readonly transposed: boolean;
  readonly hasAddend: boolean;
  /** Whether the product of two thin matrices is added, as in LoRA. */
  readonly hasThin: boolean;
}

/** Name of a product's operator. */
export function productName({ format, transposed, hasAddend, hasThin }: ProductKind): string {
  return `Bf16Product_${format}${transposed ? "_transposed" : ""}${hasThin ? "_thin" : ""}${hasAddend ? "_add" : ""}`;
}

/** Thin columns processed at once. */
export const thinGroup = 8;
/** Wide columns per task; also their minimum number. */
export const thinTaskColumns = 48;

/** Whether the operator for thin products supports x^T y with these numbers of columns. */
export function isThin(wide: number, thin: number): boolean {
  return thin % thinGroup === 0 && thin <= 64 && wide % 16 === 0 && wide >= thinTaskColumns;
}

/** Name of the operator of a thin product. */
export function thinProductName(isTransposed: boolean): string {
  return `ThinProduct${isTransposed ? "_transposed" : ""}`;
}

/** P, the tokens per page. Longer pages need fewer products, but waste more work on empty places. */
export const pageTokens = 32;

/** Query heads that paged attention processes at once. */
export const groupHeads = 4;
/** Tokens that it processes at once. */
export const groupTokens = 4;
/** Scores per iteration of its softmax. */
export const roundScores = 48;
/** Columns of values per pass. */
export const passColumns = 32;

/** Whether the paged attention operator supports a model: its head width, and scores without a cap. */
export function fitsPagedAttention({
  headWidth,
  attentionCap,
}: {
  readonly headWidth: number;
  readonly attentionCap: number | null;
}): boolean {
  return headWidth % passColumns === 0 && attentionCap === null;
}

/** Columns of its scores for a number of cache places, plus space for the new token and a masked iteration. */
export function scoreColumns(places: Dim): Dim {
  return sumDim(places, groupTokens + roundScores);
}

/** Name of the operator for blockwise attention or its gradient; capped scores have separate operators. */
export function attentionName({
  isGradient,
  isCapped,
}: {
  readonly isGradient: boolean;
  readonly isCapped: boolean;
}): string {
  return `Attention${isGradient ? "Gradient" : ""}${isCapped ? "Capped" : ""}`;
}
