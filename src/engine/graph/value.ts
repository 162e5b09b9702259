/**
 * @file Values of a computation graph: immutable, with known shape, shared when equal.
 *
 * A graph is a directed acyclic graph of values. There is no list of nodes: what has to be computed is what the
 * wanted outputs reach, down to a chosen boundary. The same values can so be cut into a forward and a backward
 * program in whatever way memory and time ask for (see `onnx/model.ts`).
 */
import type { Dim } from "./shape.ts";

/** Element types the engine computes with. */
export type ElementType = "float32" | "int64";

/** Parameters of an operation that are known when the graph is built. */
export type Attributes = Readonly<Record<string, number | boolean | Dim | readonly Dim[]>>;

/** Names of all operations. */
export type OperationName =
  | "add"
  | "subtract"
  | "multiply"
  | "gemm"
  | "matmul"
  | "reshape"
  | "transpose"
  | "softmax"
  | "attention"
  | "rms-norm"
  | "inverse-rms"
  | "silu"
  | "gelu-tanh"
  | "sigmoid"
  | "tanh"
  | "log"
  | "reciprocal"
  | "square-root"
  | "rotate"
  | "take-rows"
  | "take-along"
  | "sum"
  | "mean"
  | "maximum"
  | "concat"
  | "slice"
  | "pad";

/** What a value offers for making further ones; the class is `Graph`. */
export interface ValueMaker {
  constant(data: readonly number[], shape?: readonly number[], type?: ElementType): Value;
  apply(op: OperationName, inputs: readonly Value[], attributes?: Attributes): Value;
}

/** One tensor in a graph: an input, a constant, or the result of an operation on others. */
export interface Value {
  readonly graph: ValueMaker;
  /** Unique in its graph and increasing, so that inputs of an operation always have smaller ids. */
  readonly id: number;
  readonly op: OperationName | "input" | "constant";
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly shape: readonly Dim[];
  readonly type: ElementType;
  /** Name of an input, empty for others. */
  readonly name: string;
  /** Numbers of a constant. */
  readonly data: readonly number[] | null;
}
