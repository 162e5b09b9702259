/**
 * @file The first part of a complete model: computes sizes, embedding, rotary tables and masks from ids, positions
 *   and attention mask.
 *
 * Written in plain ONNX nodes, because nothing here is ever differentiated.
 */
import type { Architecture, Rope } from "../../models/architecture.ts";
import { rotaryFrequencies, rotationStrength } from "../../models/rope.ts";
import type { ModelWriter } from "./model-writer.ts";

/** Names of the inputs of the layers. */
export interface Entry {
  /** `[B*T, D]` */
  readonly hidden: string;
  /** `[B*T, pairs]` each, by the layer's rotation */
  readonly rotations: ReadonlyMap<Rope, Readonly<Record<"cosine" | "sine", string>>>;
  /** Added to scores, `[B, 1, 1, T, C+T]`, by the layer's sliding window. */
  readonly masks: ReadonlyMap<number | null, string>;
}

const boolean = 9;
const float32 = 1;

/** Far below any score, yet finite: fully masked rows become uniform instead of NaN. */
const never = -3.4e38;

/**
 * Writes the nodes.
 *
 * @param embedding name of the table `[V, D]`
 * @param positions name of the table `[T, D]` of learned positions
 */
export function writeEntry(
  onnx: ModelWriter,
  model: Architecture,
  embedding: string,
  positions: string | null,
): Entry {
  writeSizes(onnx);
  const flat = onnx.node("Reshape", ["input_ids", onnx.constant([-1], [1], "int64")]);
  const rows = onnx.node("Gather", [embedding, flat], { axis: 0 });
  const scaled = (): string => onnx.node("Mul", [rows, onnx.constant([model.embeddingScale], [], "float32")]);
  const embedded = model.embeddingScale === 1 ? rows : scaled();
  const places = (): string => onnx.node("Reshape", ["position_ids", onnx.constant([-1], [1], "int64")]);
  const placed = (table: string): string =>
    onnx.node("Add", [embedded, onnx.node("Gather", [table, places()], { axis: 0 })]);
  const hidden = positions === null ? embedded : placed(positions);
  return { hidden, rotations: writeRotations(onnx, model), masks: writeMasks(onnx, model.windows) };
}

/** B rows of T tokens after C tokens of the past. */
function writeSizes(onnx: ModelWriter): void {
  const sizes = [
    ["B", "input_ids", 0],
    ["T", "input_ids", 1],
    ["C", "past_key_values.0.key", 2],
  ] as const;
  for (const [dim, input, axis] of sizes) {
    onnx.nameSize(dim, onnx.node("Shape", [input], { start: axis, end: axis + 1 }, `size_${dim}`));
  }
  onnx.nameSize("C+T", onnx.node("Add", ["size_C", "size_T"], {}, "size_S"));
}

/**
 * Cosines and sines of position times frequency, in single precision as in transformers.
 *
 * @source Su et al. 2021 (arXiv 2104.09864), equation 34; huggingface/transformers `LlamaRotaryEmbedding.forward`
 */
function writeRotations(onnx: ModelWriter, { ropes }: Architecture): Entry["rotations"] {
  const turning = [...new Set(ropes)].filter(({ width }) => width > 0);
  if (turning.length === 0) return new Map();
  const column = onnx.constant([-1, 1], [2], "int64");
  const positions = onnx.node("Cast", [onnx.node("Reshape", ["position_ids", column])], { to: float32 });
  const tables = turning.map((rope, at) => {
    const frequencies = rotaryFrequencies(rope);
    const table = onnx.weight({
      name: at === 0 ? "rotary_frequencies" : `rotary_frequencies.${at}`,
      shape: [1, frequencies.length],
      type: "f32",
      read: async () => Float32Array.from(frequencies),
    });
    const angles = onnx.node("Mul", [positions, table]);
    const strength = rotationStrength(rope);
    const scaled = (name: string): string =>
      strength === 1 ? name : onnx.node("Mul", [name, onnx.constant([strength], [], "float32")]);
    return [
      rope,
      { cosine: scaled(onnx.node("Cos", [angles])), sine: scaled(onnx.node("Sin", [angles])) },
    ] as const;
  });
  return new Map(tables);
}

/** 0 where a query can attend, far below any score otherwise: later tokens, padding, beyond the window. */
function writeMasks(onnx: ModelWriter, windows: Architecture["windows"]): Entry["masks"] {
  const scalar = (size: string): string => onnx.node("Squeeze", [size]);
  const [zero, one] = [onnx.constant([0], [], "int64"), onnx.constant([1], [], "int64")];
  const axes = (...at: number[]): string => onnx.constant(at, [at.length], "int64");
  const end = scalar("size_S");
  const keys = onnx.node("Range", [zero, end, one]);
  const queries = onnx.node("Unsqueeze", [onnx.node("Range", [scalar("size_C"), end, one]), axes(1)]);
  const earlier = onnx.node("LessOrEqual", [keys, queries]);
  const real = onnx.node("Cast", ["attention_mask"], { to: boolean });
  const visible = onnx.node("And", [onnx.node("Unsqueeze", [real, axes(1, 2, 3)]), earlier]);
  const [open, shut] = [onnx.constant([0], [], "float32"), onnx.constant([never], [], "float32")];
  const maskOf = (window: number | null): string => {
    if (window === null) return onnx.node("Where", [visible, open, shut]);
    const oldest = onnx.node("Sub", [queries, onnx.constant([window], [], "int64")]);
    const near = onnx.node("And", [visible, onnx.node("Greater", [keys, oldest])]);
    return onnx.node("Where", [near, open, shut]);
  };
  return new Map([...new Set(windows)].map((window) => [window, maskOf(window)]));
}
