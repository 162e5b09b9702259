/** @file The kinds of products that have an operator of their own. */

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
