/** @file In which numbers a model's programs multiply, and in which format they take their frozen matrices. */
import type { MatrixFormat } from "../jit/operator-kinds.ts";
import type { Projection } from "./architecture.ts";

/** Numbers that are multiplied; sums are float32 in both. */
export type Compute = "fp32" | "bf16";

/** How programs take frozen matrices: widened to float32, or as the base stores them. */
export interface MatrixInputs {
  readonly compute: Compute;
  /** `float32` for products in float32. */
  readonly format: MatrixFormat;
}

/** Products in float32. */
export const float32Inputs: MatrixInputs = { compute: "fp32", format: "float32" };

/** Rows and columns of a matrix that is multiplied in bfloat16 are multiples of this. */
const multiple = 64;

/** Whether products with a matrix of this shape are made in bfloat16. */
export function isBf16({ compute }: Pick<MatrixInputs, "compute">, rows: number, columns: number): boolean {
  return compute === "bf16" && rows % multiple === 0 && columns % multiple === 0;
}

/** The same for a projection. */
export function isBf16Projection(
  inputs: MatrixInputs,
  { inputWidth, outputWidth }: Pick<Projection, "inputWidth" | "outputWidth">,
): boolean {
  return isBf16(inputs, outputWidth, inputWidth);
}

/** Name of the input with a matrix's NF4 scales. */
export const scalesOf = (name: string): string => `${name}.scales`;
