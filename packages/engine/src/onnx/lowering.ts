/** @file The lowering table from operations to ONNX nodes. Each row is tested numerically. */
import { type AttentionShape, partsOfProduct } from "../graph/build.ts";
import { type Dim, timesDim } from "../graph/shape.ts";
import type { Attributes, OperationName, Value } from "../graph/value.ts";
import {
  attentionName,
  groupHeads,
  isThin,
  productName,
  scoreColumns,
  thinProductName,
} from "../jit/operator-kinds.ts";
import { attentionDomain, type OnnxWriter, ownDomain } from "./writer.ts";

/** Writes the nodes of one value, given the names of its inputs and of its result. */
export type Lowering = (onnx: OnnxWriter, value: Value, inputs: readonly string[], result: string) => void;

const simple =
  (op: string): Lowering =>
  (onnx, _, inputs, result) => {
    onnx.node(op, inputs, {}, result);
  };

const reduction =
  (op: string): Lowering =>
  (onnx, { attributes }, [x = ""], result) => {
    const axes = onnx.constant([attributes["axis"] as number], [1], "int64");
    onnx.node(op, [x, axes], { keepdims: 1 }, result);
  };

const product =
  (op: string): Lowering =>
  (onnx, { attributes }, inputs, result) => {
    const transposes = { transA: flag(attributes, "transposeA"), transB: flag(attributes, "transposeB") };
    onnx.node(op, inputs, { ...transposes, alpha: { float: attributes["alpha"] as number } }, result);
  };

/** Writes alpha a^T b as the operator for thin products; returns `false` if that does not support it. */
function thinGemm(
  onnx: OnnxWriter,
  { attributes, inputs: [a, b, addend], shape }: Value,
  [left = "", right = ""]: readonly string[],
  result: string,
): boolean {
  const { thin, transposeA, transposeB, alpha } = attributes;
  const [rows, columns] = [a?.shape[1], b?.shape[1]];
  if (!thin || addend || !transposeA || transposeB) return false;
  if (typeof rows !== "number" || typeof columns !== "number") return false;
  const isTransposed = isThin(columns, rows);
  if (!isTransposed && !isThin(rows, columns)) return false;
  const [wide, narrow] = isTransposed ? [right, left] : [left, right];
  const tokens = a?.shape[0] ?? 0;
  const sizes = onnx.dims([...shape, tokens, ...(isTransposed ? [columns, rows] : [rows, columns])]);
  const factor = onnx.constant([alpha as number], [1], "float32");
  onnx.node(`${ownDomain}:${thinProductName(isTransposed)}`, [wide, narrow, sizes, factor], {}, result);
  return true;
}

const formats = { float32: "float32", bfloat16: "bfloat16", uint8: "nf4", int64: "nf4" } as const;

/** ONNX code of the element type. */
const float32 = 1;

/** Operations that become nodes. */
export type Lowered = Exclude<
  OperationName,
  | ("attention" | "inverse-rms")
  | ("swiglu-up-gradient" | "attention-statistics" | "attention-key-gradient" | "attention-value-gradient")
>;

/** Inputs of a blockwise attention operator, as listed in `jit/flash-frame.ts`. */
function blockAttention(
  onnx: OnnxWriter,
  value: Value,
  [query = "", key = "", values = "", ...tables]: readonly string[],
): { readonly given: string[]; readonly isCapped: boolean } {
  const { heads, kvHeads, width, scale, cap } = value.attributes as Readonly<Record<string, number>> &
    AttentionShape;
  const [tokens = 0] = value.shape;
  const [queryBlocks = 0, keyBlocks = 0] = [-4, -2].map((at) => value.inputs.at(at)?.shape[0]);
  const sizes = onnx.dims([tokens, heads, kvHeads, width, queryBlocks, keyBlocks]);
  const numbers = attentionNumbers(scale, cap);
  const given = [query, key, values, sizes, onnx.constant(numbers, [numbers.length], "float32"), ...tables];
  return { given, isCapped: cap !== 0 };
}

/**
 * Factors of blockwise attention. The first two apply to scores, to base 2: without a cap, the scale and 1; with a cap,
 * the factor on the exponent in tanh and the factor on tanh. The third is the scale of gradients.
 */
function attentionNumbers(scale: number, cap: number): number[] {
  if (cap === 0) return [scale * Math.LOG2E, 1, scale];
  return [(2 * Math.LOG2E * scale) / cap, cap * Math.LOG2E, scale];
}

/** Lowerings of these operations, by name. */
export const lowerings: Readonly<Record<Lowered, Lowering>> = {
  add: simple("Add"),
  subtract: simple("Sub"),
  multiply: simple("Mul"),
  gemm: (onnx, value, inputs, result) => {
    if (!thinGemm(onnx, value, inputs, result)) product("Gemm")(onnx, value, inputs, result);
  },
  matmul: product("com.microsoft:FusedMatMul"),
  widen: (onnx, _, inputs, result) => {
    onnx.node("Cast", inputs, { to: float32 }, result);
  },
  narrow: (onnx, { shape }, inputs, result) => {
    onnx.node(`${ownDomain}:Narrow`, [...inputs, onnx.dims(shape)], {}, result);
  },
  "bf16-product": (onnx, value, inputs, result) => {
    const { x, matrix, addend, thin } = partsOfProduct(value);
    const given = inputs.slice(0, inputs.length - (addend ? 1 : 0));
    const sizes = onnx.dims([...value.shape, x.shape[1] ?? 0, thin?.rows.shape[1] ?? 0]);
    const kind = { format: formats[matrix.values.type], transposed: value.attributes["transposeB"] === true };
    const more = { hasAddend: addend !== undefined, hasThin: thin !== undefined };
    const op = `${ownDomain}:${productName({ ...kind, ...more })}`;
    onnx.node(op, [...given, sizes, ...inputs.slice(given.length)], {}, result);
  },
  swiglu: (onnx, { shape }, inputs, result) => {
    onnx.node(`${ownDomain}:SwiGLU`, [...inputs, onnx.dims(shape)], {}, result);
  },
  "swiglu-gradient": (onnx, { shape }, inputs, result) => {
    onnx.node(`${ownDomain}:SwiGLUGradient`, [...inputs, onnx.dims(shape)], {}, result, [second(result)]);
  },
  "block-attention": (onnx, value, inputs, result) => {
    const { given, isCapped } = blockAttention(onnx, value, inputs);
    const op = `${attentionDomain}:${attentionName({ isGradient: false, isCapped })}`;
    onnx.node(op, given.slice(0, 9), {}, result, [second(result)]);
  },
  "block-attention-gradient": (
    onnx,
    value,
    [gradient = "", mixed = "", statistics = "", ...rest],
    result,
  ) => {
    const { given, isCapped } = blockAttention(onnx, value, rest);
    const more = [second(result), third(result), `${result}.4`];
    const inputs = [...given, gradient, mixed, statistics];
    onnx.node(
      `${attentionDomain}:${attentionName({ isGradient: true, isCapped })}`,
      inputs,
      {},
      result,
      more,
    );
  },
  "paged-attention": (onnx, { inputs, attributes, shape }, given, result) => {
    const { heads, kvHeads, width, scale } = attributes as Readonly<Record<string, number>> & AttentionShape;
    const [rows = 1, columns = 1] = shape;
    const [pages = 1, , , tokens] = inputs[3]?.shape ?? [];
    const scoreRows = timesDim(kvHeads * groupHeads, rows);
    const places = scoreColumns(timesDim(tokens ?? 1, pages));
    const pageNumbers = timesDim(kvHeads * width * Number(tokens), rows);
    const sizes = [rows, columns, scoreRows, places, kvHeads, heads / kvHeads, width, pageNumbers];
    const numbers = onnx.constant([scale * Math.LOG2E], [1], "float32");
    onnx.node(`${ownDomain}:PagedAttention`, [...given, numbers, onnx.dims(sizes)], {}, result, [
      second(result),
    ]);
  },
  reshape: (onnx, { shape }, [x = ""], result) => {
    onnx.node("Reshape", [x, onnx.dims(oneUnknown(shape))], {}, result);
  },
  transpose: (onnx, { attributes }, inputs, result) => {
    onnx.node("Transpose", inputs, { perm: attributes["permutation"] as readonly number[] }, result);
  },
  softmax: (onnx, _, inputs, result) => {
    onnx.node("Softmax", inputs, { axis: -1 }, result);
  },
  "rms-norm": (onnx, { attributes }, inputs, result) => {
    const epsilon = { float: attributes["epsilon"] as number };
    onnx.node("SimplifiedLayerNormalization", inputs, { axis: -1, epsilon }, result, [second(result)]);
  },
  silu: (onnx, _, inputs, result) => {
    onnx.node("com.microsoft:QuickGelu", inputs, { alpha: { float: 1 } }, result);
  },
  gelu: (onnx, _, inputs, result) => {
    onnx.node("Gelu", inputs, { approximate: "none" }, result);
  },
  "gelu-tanh": (onnx, _, inputs, result) => {
    onnx.node("Gelu", inputs, { approximate: "tanh" }, result);
  },
  sigmoid: simple("Sigmoid"),
  tanh: simple("Tanh"),
  log: simple("Log"),
  exponential: simple("Exp"),
  erf: simple("Erf"),
  reciprocal: simple("Reciprocal"),
  "square-root": simple("Sqrt"),
  // with shape [1, tokens, width] and one row of cosines per token, every offset is 0
  rotate: (onnx, { inputs, shape, attributes }, [x = "", cosine = "", sine = ""], result) => {
    const start = onnx.constant([0], [1], "int64");
    const heads = attributes["heads"] as number;
    const rotated = 2 * (inputs[1]?.shape[1] as number);
    const isWhole = heads * rotated === shape[2];
    const part = isWhole ? {} : { num_heads: heads, rotary_embedding_dim: rotated };
    onnx.node("com.microsoft:RotaryEmbedding", [x, start, cosine, sine], { interleaved: 0, ...part }, result);
  },
  "take-rows": (onnx, _, [x = "", index = ""], result) => {
    onnx.node("Gather", [x, index], { axis: 0 }, result);
  },
  "take-along": (onnx, _, inputs, result) => {
    onnx.node("GatherElements", inputs, { axis: 1 }, result);
  },
  sum: reduction("ReduceSum"),
  mean: reduction("ReduceMean"),
  maximum: reduction("ReduceMax"),
  largest: (onnx, { attributes }, [x = ""], result) => {
    const count = onnx.constant([attributes["count"] as number], [1], "int64");
    const name = `${result}.top`;
    const top = onnx.node("TopK", [x, count], { axis: -1 }, name, [second(name)]);
    const least = onnx.node("ReduceMin", [top, onnx.constant([-1], [1], "int64")], { keepdims: 1 });
    onnx.node("Cast", [onnx.node("GreaterOrEqual", [x, least])], { to: float32 }, result);
  },
  center: (onnx, { shape }, [x = ""], result) => {
    const axes = onnx.constant([shape.length - 1], [1], "int64");
    onnx.node("Sub", [x, onnx.node("ReduceMean", [x, axes], { keepdims: 1 })], {}, result);
  },
  concat: (onnx, { attributes }, inputs, result) => {
    onnx.node("Concat", inputs, { axis: attributes["axis"] as number }, result);
  },
  slice: (onnx, { attributes }, [x = ""], result) => {
    const { axis, before, size } = attributes as { axis: number; before: Dim; size: Dim };
    const end =
      before === 0
        ? size
        : typeof before === "number" && typeof size === "number"
          ? before + size
          : `${before}+${size}`;
    const axes = onnx.constant([axis], [1], "int64");
    onnx.node("Slice", [x, onnx.dims([before]), onnx.dims([end]), axes], {}, result);
  },
  pad: (onnx, { attributes, shape }, [x = ""], result) => {
    const { axis, before, after, filler } = attributes as {
      axis: number;
      before: Dim;
      after: Dim;
      filler: number;
    };
    const zeros = (amount: Dim): Dim[] => shape.map((_, at) => (at === axis ? amount : 0));
    const value = filler === 0 ? [] : [onnx.constant([filler], [], "float32")];
    onnx.node("Pad", [x, onnx.dims([...zeros(before), ...zeros(after)]), ...value], {}, result);
  },
};

/**
 * Operations without a node of their own: aliases of another value, or of a node's second or third result. Their other
 * inputs are used only by the gradient.
 */
export const aliases: Partial<Readonly<Record<OperationName, (input: string) => string>>> = {
  attention: (mixed) => mixed,
  "inverse-rms": second,
  "swiglu-up-gradient": second,
  "attention-statistics": second,
  "attention-key-gradient": second,
  "attention-value-gradient": third,
};

/** Name of a node's second result. */
function second(result: string): string {
  return `${result}.2`;
}

function third(result: string): string {
  return `${result}.3`;
}

/** A shape with one symbolic size needs no run-time tensor: ONNX infers it from -1. */
function oneUnknown(shape: readonly Dim[]): readonly Dim[] {
  const unknown = shape.filter((dim) => typeof dim === "string").length;
  return unknown === 1 ? shape.map((dim) => (typeof dim === "string" ? -1 : dim)) : shape;
}

function flag(attributes: Attributes, name: string): number {
  return attributes[name] === true ? 1 : 0;
}
