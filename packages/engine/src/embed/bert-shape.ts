/**
 * @file Reads the shape of a BERT-like encoder from its `config.json`, and lists the weights it must have.
 *
 * @source huggingface/transformers src/transformers/models/{bert,roberta,xlm_roberta}/configuration_*.py
 */

import { readInteger, readNumber } from "../models/config-fields.ts";
import { problem } from "../problem/index.ts";
import type { Config, WeightFiles } from "../weights/index.ts";

/** Sizes of an encoder. */
export interface BertShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly types: number;
  /** Rows of the position embedding table. */
  readonly positions: number;
  /** Row of the first token's position embedding: in RoBERTa, the one after the padding row. */
  readonly firstPosition: number;
  readonly epsilon: number;
  readonly activation: "gelu" | "gelu-tanh" | "relu";
  /** Prefix of the weights' names: empty, `bert.` or `roberta.`. */
  readonly prefix: string;
  readonly isRoberta: boolean;
}

const limits = { layers: 200, width: 1 << 16, vocabulary: 1 << 22, positions: 1 << 20 };

const activations: Readonly<Record<string, BertShape["activation"]>> = {
  gelu: "gelu",
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  relu: "relu",
};

/**
 * Reads the shape.
 *
 * @throws {TunewiseError} `ENCODER_UNSUPPORTED` for other kinds of models, `MODEL_CONFIG_INVALID`
 */
export function readBertShape(config: Config, weights: WeightFiles, place: string): BertShape {
  const refuse = (reason: string): never => {
    throw problem("ENCODER_UNSUPPORTED", { place, reason });
  };
  const type = String(config["model_type"]).slice(0, 60);
  if (!["bert", "roberta", "xlm-roberta"].includes(type))
    refuse(`holds a model of type ${type}, which is only supported as ONNX`);
  const positions = String(config["position_embedding_type"] ?? "absolute");
  if (positions !== "absolute") refuse(`counts positions as ${positions.slice(0, 60)}, not absolute ones`);
  const act = String(config["hidden_act"] ?? "gelu");
  const activation = Object.hasOwn(activations, act) ? activations[act] : undefined;
  if (activation === undefined) return refuse(`uses the activation ${act.slice(0, 60)}`);
  const isRoberta = type !== "bert";
  const hidden = readInteger(config, "hidden_size", limits.width);
  const heads = readInteger(config, "num_attention_heads", limits.width);
  if (hidden % heads !== 0) {
    const detail = `hidden_size (${hidden}) is not divisible by num_attention_heads (${heads})`;
    throw problem("MODEL_CONFIG_INVALID", { detail });
  }
  const pad = readNumber(config, "pad_token_id", isRoberta ? 1 : 0);
  return {
    hidden,
    heads,
    activation,
    isRoberta,
    layers: readInteger(config, "num_hidden_layers", limits.layers),
    feedForward: readInteger(config, "intermediate_size", limits.width),
    vocabulary: readInteger(config, "vocab_size", limits.vocabulary),
    types: readInteger(config, "type_vocab_size", 1024, 2),
    positions: readInteger(config, "max_position_embeddings", limits.positions, 512),
    firstPosition: isRoberta ? Math.max(0, Math.floor(pad)) + 1 : 0,
    epsilon: readNumber(config, "layer_norm_eps", 1e-12),
    prefix:
      ["", "bert.", "roberta."].find((one) =>
        weights.weights.has(`${one}embeddings.word_embeddings.weight`),
      ) ?? "",
  };
}

/** Required weights by name, with their shapes. */
export function bertWeights(shape: BertShape): Map<string, readonly number[]> {
  const { hidden, feedForward, layers, prefix } = shape;
  const found = new Map<string, readonly number[]>();
  const dense = (name: string, outputs: number, inputs: number): void => {
    found.set(`${prefix}${name}.weight`, [outputs, inputs]).set(`${prefix}${name}.bias`, [outputs]);
  };
  const norm = (name: string): void => {
    found.set(`${prefix}${name}.weight`, [hidden]).set(`${prefix}${name}.bias`, [hidden]);
  };
  found.set(`${prefix}embeddings.word_embeddings.weight`, [shape.vocabulary, hidden]);
  found.set(`${prefix}embeddings.position_embeddings.weight`, [shape.positions, hidden]);
  found.set(`${prefix}embeddings.token_type_embeddings.weight`, [shape.types, hidden]);
  norm("embeddings.LayerNorm");
  for (let layer = 0; layer < layers; layer++) {
    const at = `encoder.layer.${layer}`;
    for (const part of ["query", "key", "value"]) dense(`${at}.attention.self.${part}`, hidden, hidden);
    dense(`${at}.attention.output.dense`, hidden, hidden);
    norm(`${at}.attention.output.LayerNorm`);
    dense(`${at}.intermediate.dense`, feedForward, hidden);
    dense(`${at}.output.dense`, hidden, feedForward);
    norm(`${at}.output.LayerNorm`);
  }
  return found;
}

/** Names of the two layers that compute the score of a text, by family. */
export function scoreLayers({ isRoberta }: Pick<BertShape, "isRoberta">): readonly [string, string] {
  return isRoberta ? ["classifier.dense", "classifier.out_proj"] : ["bert.pooler.dense", "classifier"];
}
