/**
 * @file A BERT-like encoder as a program. Tokens are flat, `[B*T, D]`, for everything but attention.
 *
 * Only used for inference, so it is written as ONNX nodes and not as a graph with gradients.
 *
 * @source Devlin et al. 2018 (arXiv 1810.04805); huggingface/transformers
 *   src/transformers/models/bert/modeling_bert.py
 */
import type { Program } from "../onnx/program.ts";
import { OnnxWriter, type Port } from "../onnx/writer.ts";
import { type BertShape, bertWeights, scoreLayers } from "./bert-shape.ts";

/** Name of the program's output. */
export const resultName = "result";

/** The program, and the shapes of its weight inputs by name. */
export interface BertProgram {
  readonly program: Program;
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/** States of all tokens, `[B*T, D]`; with `scores` one score per text, `[B, 1]`. */
export function bertProgram(shape: BertShape, kind: "tokens" | "scores"): BertProgram {
  const onnx = new OnnxWriter();
  const weights = bertWeights(shape);
  const states = shape.prefix;
  let x = embeddings(onnx, shape);
  for (let layer = 0; layer < shape.layers; layer++)
    x = encoderLayer(onnx, shape, `${states}encoder.layer.${layer}`, x);
  if (kind === "scores") {
    const [pooler, classifier] = scoreLayers(shape);
    const { hidden } = shape;
    weights.set(`${pooler}.weight`, [hidden, hidden]).set(`${pooler}.bias`, [hidden]);
    weights.set(`${classifier}.weight`, [1, hidden]).set(`${classifier}.bias`, [1]);
    const first = onnx.node("Gather", [x, "firsts"], { axis: 0 });
    x = dense(onnx, classifier, onnx.node("Tanh", [dense(onnx, pooler, first)]));
  }
  onnx.node("Identity", [x], {}, resultName);
  const ports: Port[] = [
    ...["ids", "types", "positions"].map((name): Port => ({ name, shape: ["B*T"], type: "int64" })),
    { name: "bias", shape: ["B", 1, 1, "T"], type: "float32" },
    ...(kind === "scores" ? [{ name: "firsts", shape: ["B"], type: "int64" } as const] : []),
    ...[...weights].map(([name, sizes]): Port => ({ name, shape: sizes, type: "float32" })),
  ];
  const outputs: Port[] = [
    { name: resultName, shape: kind === "scores" ? ["B", 1] : ["B*T", shape.hidden], type: "float32" },
  ];
  const program = { bytes: onnx.encode(ports, outputs), inputs: ports, outputs, sizes: onnx.sizes };
  return { program, weights };
}

function embeddings(onnx: OnnxWriter, { prefix, epsilon }: BertShape): string {
  const row = (table: string, index: string): string =>
    onnx.node("Gather", [`${prefix}embeddings.${table}.weight`, index], { axis: 0 });
  const words = onnx.node("Add", [row("word_embeddings", "ids"), row("token_type_embeddings", "types")]);
  const placed = onnx.node("Add", [words, row("position_embeddings", "positions")]);
  return norm(onnx, `${prefix}embeddings.LayerNorm`, placed, epsilon);
}

function encoderLayer(onnx: OnnxWriter, shape: BertShape, at: string, x: string): string {
  const { hidden, heads, epsilon } = shape;
  const width = hidden / heads;
  const split = (part: string): string => {
    const flat = dense(onnx, `${at}.attention.self.${part}`, x);
    const apart = onnx.node("Reshape", [flat, onnx.dims(["B", "T", heads, width])]);
    return onnx.node("Transpose", [apart], { perm: [0, 2, 1, 3] });
  };
  const scores = onnx.node("com.microsoft:FusedMatMul", [split("query"), split("key")], {
    transA: 0,
    transB: 1,
    alpha: { float: 1 / Math.sqrt(width) },
  });
  const shares = onnx.node("Softmax", [onnx.node("Add", [scores, "bias"])], { axis: -1 });
  const mixed = onnx.node("Transpose", [onnx.node("MatMul", [shares, split("value")])], {
    perm: [0, 2, 1, 3],
  });
  const joined = onnx.node("Reshape", [mixed, onnx.dims([-1, hidden])]);
  const attended = onnx.node("Add", [dense(onnx, `${at}.attention.output.dense`, joined), x]);
  const y = norm(onnx, `${at}.attention.output.LayerNorm`, attended, epsilon);
  const wide = activate(onnx, shape, dense(onnx, `${at}.intermediate.dense`, y));
  const narrow = onnx.node("Add", [dense(onnx, `${at}.output.dense`, wide), y]);
  return norm(onnx, `${at}.output.LayerNorm`, narrow, epsilon);
}

/** x W^T + b */
function dense(onnx: OnnxWriter, name: string, x: string): string {
  return onnx.node("Gemm", [x, `${name}.weight`, `${name}.bias`], { transA: 0, transB: 1 });
}

/** @source Ba et al. 2016 (arXiv 1607.06450) */
function norm(onnx: OnnxWriter, name: string, x: string, epsilon: number): string {
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  return onnx.node("LayerNormalization", [x, `${name}.weight`, `${name}.bias`], attributes);
}

/** @source Hendrycks and Gimpel 2016 (arXiv 1606.08415) */
function activate(onnx: OnnxWriter, { activation }: BertShape, x: string): string {
  if (activation === "relu") return onnx.node("Relu", [x]);
  return onnx.node("Gelu", [x], { approximate: activation === "gelu" ? "none" : "tanh" });
}
