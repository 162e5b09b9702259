/** @file Number format of a model's matrix products, and storage format of the frozen matrices that programs read. */
import type { MatrixFormat } from "../jit/operator-kinds.ts";
import type { Projection } from "./architecture.ts";

/** Number format of the factors of products; sums are float32 in both cases. */
export type Compute = "fp32" | "bf16";

/** How programs read frozen matrices: widened to float32, or as the base stores them. */
export interface MatrixInputs {
  readonly compute: Compute;
  /** Always `float32` for float32 products. */
  readonly format: MatrixFormat;
}

/** Settings for float32 products. */
export const float32Inputs: MatrixInputs = { compute: "fp32", format: "float32" };

/** Both sizes of a matrix must be multiples of this for bfloat16 products. */
const multiple = 64;

/** Whether products with a matrix of this shape are computed in bfloat16. */
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

/** Name of the input for a matrix's NF4 scales. */
export const scalesOf = (name: string): string => `${name}.scales`;
