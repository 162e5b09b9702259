/**
 * @file Frozen weights of a model in memory, checked against the architecture before anything is read.
 */
import { problem } from "../../problem/index.ts";
import type { WeightFiles } from "../files/types.ts";
import type { Architecture } from "./architecture.ts";
import { layerWeights } from "./layer.ts";

/** All frozen weights, float32. */
export interface ModelWeights {
  /** `[V, D]` */
  readonly embedding: Float32Array;
  /** `[D]` */
  readonly norm: Float32Array;
  /** `[V, D]`; the embedding itself where tied */
  readonly head: Float32Array;
  /** By layer, by module path: `self_attn.q_proj.weight` */
  readonly layers: readonly Readonly<Record<string, Float32Array>>[];
}

/**
 * Reads the weights.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH` where a weight is missing or has another shape than the
 * architecture asks for
 */
export async function readWeights(files: WeightFiles, model: Architecture): Promise<ModelWeights> {
  const { hidden, vocabulary, normOffset } = model;
  const rootName = files.weights.has("model.embed_tokens.weight") ? "model." : "";
  const read = async (name: string, shape: readonly number[]): Promise<Float32Array> => {
    const found = files.weights.get(name);
    if (
      !found ||
      found.shape.length !== shape.length ||
      shape.some((dim, axis) => dim !== found.shape[axis])
    ) {
      const about = { name, found: found ? `[${found.shape.join(", ")}]` : "no such tensor" };
      throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `[${shape.join(", ")}]` });
    }
    return files.read(name);
  };
  const readNorm = async (name: string, shape: readonly number[]): Promise<Float32Array> => {
    const weight = await read(name, shape);
    return normOffset === 0 ? weight : weight.map((value) => value + normOffset);
  };
  const embedding = await read(`${rootName}embed_tokens.weight`, [vocabulary, hidden]);
  const norm = await readNorm(`${rootName}norm.weight`, [hidden]);
  const head = model.tied ? embedding : await read("lm_head.weight", [vocabulary, hidden]);
  const layers: Record<string, Float32Array>[] = [];
  for (let layer = 0; layer < model.layers; layer++) {
    const weights: Record<string, Float32Array> = {};
    for (const { name, shape } of layerWeights(model)) {
      const full = `${rootName}layers.${layer}.${name}`;
      weights[name] = await (name.includes("norm") ? readNorm(full, shape) : read(full, shape));
    }
    layers.push(weights);
  }
  return { embedding, norm, head, layers };
}
