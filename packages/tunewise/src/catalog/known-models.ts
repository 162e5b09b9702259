/** @file Configurations of well-known models, for planning without their files. */

import type { FamilyName } from "@tunewise/engine/families";

/** A row: family, widths, and other keys of `config.json`. */
type KnownRow = readonly [
  family: FamilyName,
  hidden: number,
  layers: number,
  heads: number,
  kvHeads: number,
  feedForward: number,
  vocabulary: number,
  context: number,
  more?: Readonly<Record<string, number | boolean>>,
];

const tied = { tie_word_embeddings: true } as const;

/**
 * Rows by hub id, in lower case.
 *
 * @source the published `config.json` of each id; the resulting parameter counts agree with the published ones
 *   (describe-model.test.ts)
 */
const rows: Readonly<Record<string, KnownRow>> = {
  "meta-llama/llama-2-7b-hf": ["llama", 4096, 32, 32, 32, 11008, 32000, 4096],
  "meta-llama/llama-2-13b-hf": ["llama", 5120, 40, 40, 40, 13824, 32000, 4096],
  "meta-llama/llama-2-70b-hf": ["llama", 8192, 80, 64, 8, 28672, 32000, 4096],
  "meta-llama/llama-3.1-8b": ["llama", 4096, 32, 32, 8, 14336, 128256, 131072],
  "meta-llama/llama-3.1-70b": ["llama", 8192, 80, 64, 8, 28672, 128256, 131072],
  "meta-llama/llama-3.1-405b": ["llama", 16384, 126, 128, 8, 53248, 128256, 131072],
  "meta-llama/llama-3.2-1b": ["llama", 2048, 16, 32, 8, 8192, 128256, 131072, { ...tied, head_dim: 64 }],
  "meta-llama/llama-3.2-3b": ["llama", 3072, 28, 24, 8, 8192, 128256, 131072, tied],
  "meta-llama/llama-3.3-70b": ["llama", 8192, 80, 64, 8, 28672, 128256, 131072],
  "mistralai/mistral-7b-v0.1": ["mistral", 4096, 32, 32, 8, 14336, 32000, 32768],
  "mistralai/mistral-7b-v0.3": ["mistral", 4096, 32, 32, 8, 14336, 32768, 32768],
  "mistralai/mixtral-8x7b-v0.1": [
    "mixtral",
    ...([4096, 32, 32, 8, 14336, 32000, 32768] as const),
    { num_local_experts: 8, num_experts_per_tok: 2 },
  ],
  "qwen/qwen2.5-0.5b": ["qwen2", 896, 24, 14, 2, 4864, 151936, 32768, tied],
  "qwen/qwen2.5-1.5b": ["qwen2", 1536, 28, 12, 2, 8960, 151936, 32768, tied],
  "qwen/qwen2.5-3b": ["qwen2", 2048, 36, 16, 2, 11008, 151936, 32768, tied],
  "qwen/qwen2.5-7b": ["qwen2", 3584, 28, 28, 4, 18944, 152064, 131072],
  "qwen/qwen2.5-14b": ["qwen2", 5120, 48, 40, 8, 13824, 152064, 131072],
  "qwen/qwen2.5-32b": ["qwen2", 5120, 64, 40, 8, 27648, 152064, 131072],
  "qwen/qwen2.5-72b": ["qwen2", 8192, 80, 64, 8, 29568, 152064, 131072],
  "qwen/qwen3-0.6b": ["qwen3", 1024, 28, 16, 8, 3072, 151936, 40960, tied],
  "qwen/qwen3-1.7b": ["qwen3", 2048, 28, 16, 8, 6144, 151936, 40960, tied],
  "qwen/qwen3-4b": ["qwen3", 2560, 36, 32, 8, 9728, 151936, 40960, tied],
  "qwen/qwen3-8b": ["qwen3", 4096, 36, 32, 8, 12288, 151936, 40960],
  "qwen/qwen3-14b": ["qwen3", 5120, 40, 40, 8, 17408, 151936, 40960],
  "qwen/qwen3-32b": ["qwen3", 5120, 64, 64, 8, 25600, 151936, 40960],
  "google/gemma-2-2b": ["gemma2", 2304, 26, 8, 4, 9216, 256000, 8192],
  "google/gemma-2-9b": ["gemma2", 3584, 42, 16, 8, 14336, 256000, 8192],
  "google/gemma-2-27b": ["gemma2", 4608, 46, 32, 16, 36864, 256000, 8192, { head_dim: 128 }],
  "google/gemma-3-270m": ["gemma3_text", 640, 18, 4, 1, 2048, 262144, 32768],
  "google/gemma-3-1b": ["gemma3_text", 1152, 26, 4, 1, 6912, 262144, 32768],
  "openai-community/gpt2": ["gpt2", 768, 12, 12, 12, 3072, 50257, 1024],
  "eleutherai/pythia-160m": ["gpt_neox", 768, 12, 12, 12, 3072, 50304, 2048],
  "eleutherai/pythia-1.4b": ["gpt_neox", 2048, 24, 16, 16, 8192, 50304, 2048],
  "huggingfacetb/smollm2-135m": ["llama", 576, 30, 9, 3, 1536, 49152, 8192, tied],
  "huggingfacetb/smollm2-360m": ["llama", 960, 32, 15, 5, 2560, 49152, 8192, tied],
  "huggingfacetb/smollm2-1.7b": ["llama", 2048, 24, 32, 32, 8192, 49152, 8192, tied],
  "huggingfacetb/smollm3-3b": ["smollm3", 2048, 36, 16, 4, 11008, 128256, 65536],
  "tinyllama/tinyllama-1.1b-chat-v1.0": ["llama", 2048, 22, 32, 4, 5632, 32000, 2048],
  "microsoft/phi-2": ["phi", 2560, 32, 32, 32, 10240, 51200, 2048],
  "microsoft/phi-3-mini-4k-instruct": ["phi3", 3072, 32, 32, 32, 8192, 32064, 4096],
  "microsoft/phi-4": ["phi3", 5120, 40, 40, 10, 17920, 100352, 16384],
  "microsoft/phi-4-mini-instruct": ["phi3", 3072, 32, 24, 8, 8192, 200064, 131072, tied],
  "allenai/olmo-2-0425-1b": ["olmo2", 2048, 16, 16, 16, 8192, 100352, 4096],
  "allenai/olmo-2-1124-7b": ["olmo2", 4096, 32, 32, 32, 11008, 100352, 4096],
  "ibm-granite/granite-3.1-2b-instruct": ["granite", 2048, 40, 32, 8, 8192, 49155, 131072, tied],
};

/** Suffixes of variants with the same shape. */
const variants = /-(instruct|chat|it|base|instruct-v\d+\.\d+|chat-hf|hf)$/;

/**
 * Returns the configuration of a well-known model with the keys of `config.json`, or `null`.
 *
 * @param id hub id of the model or an instruction-tuned variant
 */
export function knownConfig(id: string): Readonly<Record<string, unknown>> | null {
  const name = id.trim().toLowerCase();
  const bare = name.replace(variants, "");
  const row = rows[name] ?? rows[bare] ?? rows[`${bare}-hf`] ?? rows[bare.replace("/meta-", "/")];
  if (row === undefined) return null;
  const [model_type, hidden, layers, heads, kvHeads, feedForward, vocabulary, context, more = {}] = row;
  return {
    model_type,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    intermediate_size: feedForward,
    vocab_size: vocabulary,
    max_position_embeddings: context,
    ...(model_type.startsWith("gemma") ? {} : { tie_word_embeddings: false }),
    ...more,
  };
}

/** Ids of the table, for suggestions. */
export const knownModels: readonly string[] = Object.keys(rows);
