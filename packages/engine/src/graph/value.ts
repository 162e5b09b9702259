/**
 * @file Values of a computation graph: immutable, with a known shape, shared if equal.
 *
 * A graph is a directed acyclic graph of values without a list of nodes. A program computes what its outputs depend on,
 * down to a chosen boundary. So the same values can be split into a forward and a backward program in any way that
 * memory and time require (see `onnx/program.ts`).
 */
import type { Dim } from "./shape.ts";

/** Element types the engine computes with. */
export type ElementType = "float32" | "bfloat16" | "uint8" | "int64";

/** Parameters of an operation, known when the graph is built. */
export type Attributes = Readonly<Record<string, number | boolean | Dim | readonly Dim[]>>;

/** Functions of one tensor, element by element. */
export type Elementwise =
  | "silu"
  | "gelu"
  | "gelu-tanh"
  | "sigmoid"
  | "tanh"
  | "log"
  | "exponential"
  | "erf"
  | "reciprocal"
  | "square-root";

/** Names of all operations. */
export type OperationName =
  | "add"
  | "subtract"
  | "multiply"
  | "gemm"
  | "matmul"
  | "narrow"
  | "widen"
  | "bf16-product"
  | "swiglu"
  | "swiglu-gradient"
  | "swiglu-up-gradient"
  | "reshape"
  | "transpose"
  | "softmax"
  | "attention"
  | "block-attention"
  | "paged-attention"
  | "attention-statistics"
  | "block-attention-gradient"
  | "attention-key-gradient"
  | "attention-value-gradient"
  | "rms-norm"
  | "inverse-rms"
  | Elementwise
  | "rotate"
  | "take-rows"
  | "take-along"
  | "sum"
  | "mean"
  | "center"
  | "largest"
  | "maximum"
  | "concat"
  | "slice"
  | "pad";

/** Operations that create further values; implemented by `Graph`. */
export interface ValueMaker {
  constant(data: readonly number[], shape?: readonly number[], type?: ElementType): Value;
  apply(op: OperationName, inputs: readonly Value[], attributes?: Attributes): Value;
}

/** One tensor in a graph: an input, a constant, or the result of an operation on others. */
export interface Value {
  readonly graph: ValueMaker;
  /** Unique in its graph and increasing: inputs of an operation always have smaller ids. */
  readonly id: number;
  readonly op: OperationName | "input" | "constant";
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly shape: readonly Dim[];
  readonly type: ElementType;
  /** Name of an input; empty for other values. */
  readonly name: string;
  /** Elements of a constant. */
  readonly data: readonly number[] | null;
}
