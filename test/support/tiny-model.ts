/** @file Minimal models for tests of exports: no files are read, and nothing is computed. */

import type { ExportPlan, TunedModel } from "@tunewise/engine";
import type { TokenizerFiles } from "@tunewise/engine/tokenize";
import type { AdapterFiles } from "@tunewise/engine/weights";
import { loadLora } from "../../packages/engine/src/adapters/lora.ts";
import { projections } from "../../packages/engine/src/models/architecture.ts";
import { readArchitecture } from "../../packages/engine/src/models/read-architecture.ts";
import { modelWeights } from "../../packages/engine/src/models/weight-names.ts";

/** A small configuration of a family with some keys replaced. */
export function tinyConfig(family: string, changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    model_type: family,
    vocab_size: 40,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 8,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: family !== "llama",
    ...(family === "gemma2" ? { query_pre_attn_scalar: 8, hidden_activation: "gelu_pytorch_tanh" } : {}),
    ...changes,
  };
}

/** A model of that configuration with simple numeric weights; by default with a LoRA adapter of rank 2. */
export function tinyModel(
  family: string,
  changes: Readonly<Record<string, unknown>> = {},
  options: { readonly adapter?: boolean; readonly rslora?: boolean; readonly dropout?: number } = {},
): TunedModel {
  const config = tinyConfig(family, changes) as Readonly<Record<string, unknown>>;
  const architecture = readArchitecture(config);
  const weights = new Map(modelWeights(architecture).map(({ name, shape }) => [name, shape]));
  const files = tinyAdapter(config, options);
  return {
    architecture,
    config,
    generation: {},
    tokenizer: tinyTokenizer(),
    weights,
    stored: "F32",
    read: async (name) => {
      const size = (weights.get(name) ?? []).reduce((product, axis) => product * axis, 1);
      return Float32Array.from({ length: size }, (_, i) => (i % 97) / 64);
    },
    adapter: options.adapter === false ? null : loadLora(architecture, files.settings, files.tensors),
  };
}

/** An adapter on the query projections and on the MLP's down projection. */
function tinyAdapter(
  config: Readonly<Record<string, unknown>>,
  { rslora = false, dropout = 0 }: { readonly rslora?: boolean; readonly dropout?: number },
): AdapterFiles {
  const architecture = readArchitecture(config);
  const targets = ["q_proj", "down_proj"];
  const chosen = projections(architecture).filter(({ name }) => targets.includes(name));
  const tensors = Array.from({ length: architecture.layers }, (_, layer) =>
    chosen.flatMap(({ path, inputWidth, outputWidth }) => {
      const stem = `base_model.model.model.layers.${layer}.${path}`;
      const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => layer + i);
      return [
        { name: `${stem}.lora_A.weight`, shape: [2, inputWidth], data: counted(2 * inputWidth) },
        { name: `${stem}.lora_B.weight`, shape: [outputWidth, 2], data: counted(2 * outputWidth) },
      ];
    }),
  ).flat();
  const settings = { rank: 2, alpha: 8, rslora, dropout, targets, baseModel: "owner/name", revision: "main" };
  return { settings, tensors };
}

/** A byte-level tokenizer of 40 tokens. */
export function tinyTokenizer(): TokenizerFiles {
  const special = ["<pad>", "<bos>", "<eos>", "<end>"];
  const letters = [..."abcdefghijklmnopqrstuvwxyz.,?0123", "Ġ", "Ċ"];
  const added = special.map((content, id) => ({ id, content, special: true, normalized: false }));
  return {
    tokenizer: {
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: "ByteLevel" },
      model: {
        type: "BPE",
        vocab: Object.fromEntries([...special, ...letters, "ab"].map((token, id) => [token, id])),
        merges: ["a b"],
      },
    },
    config: { bos_token: "<bos>", eos_token: "<eos>", pad_token: "<pad>", chat_template: "{{ messages }}" },
    chatTemplate: null,
    endIds: [2, 3],
  };
}

/** The bytes of one file of an export plan. */
export async function fileBytes({ files }: Pick<ExportPlan, "files">, path: string): Promise<Buffer> {
  const file = files.find((one) => one.path === path);
  if (!file) throw new Error(`the plan has ${files.map((one) => one.path).join(", ")}, not ${path}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.chunks()) chunks.push(chunk.slice());
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== file.bytes)
    throw new Error(`${path} has ${bytes.length} bytes, planned ${file.bytes}`);
  return bytes;
}
