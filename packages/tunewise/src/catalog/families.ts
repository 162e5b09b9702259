/** @file Table of model families: defaults of `config.json`, and properties of their layers. */

/** Properties of a model family. */
export interface FamilyKind {
  /** Head width if `head_dim` is missing. */
  readonly headWidth: number | "hidden / heads";
  /** Whether embeddings are tied if `tie_word_embeddings` is missing. */
  readonly tied: boolean;
  /** Whether q, k and v have biases if `attention_bias` is missing. */
  readonly attentionBias: boolean;
  /** Whether o has a bias if q, k and v have one. */
  readonly outputBias: boolean;
  /** Whether the feed-forward has biases if `mlp_bias` is missing. */
  readonly feedForwardBias: boolean;
  /** Whether an untied head has a bias. */
  readonly headBias: boolean;
  /** Norms of width D in a layer: 1 if attention and feed-forward share one. */
  readonly hiddenNorms: 1 | 2 | 4;
  /** Normalization of queries and keys (QK norm): none, per head, or over their whole width. */
  readonly queryKeyNorms: "none" | "head" | "width";
  /** RMS norm has a scale; layer norm has a scale and a bias and is one operation. */
  readonly norm: "rms" | "layer";
  /** Whether positions are a table of learned vectors, one per position of the context. */
  readonly learnedPositions: boolean;
  /** Whether several query heads may share a key head: `num_key_value_heads`. */
  readonly groupedHeads: boolean;
  /** Whether the feed-forward's width is 4 D if `intermediate_size` is missing. */
  readonly isFourWide: boolean;
  /** Whether the feed-forward is gated: three matrices instead of two. */
  readonly gated: boolean;
  /** Function between the matrices of the feed-forward. */
  readonly activation: "silu" | "gelu";
  /** Whether attention scores and logits are soft-capped with tanh. */
  readonly softCaps: boolean;
  /** Names of the projections. */
  readonly names: ProjectionNames;
}

/** Names of the projections of a layer; fused projections share a name. */
interface ProjectionNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

const splitNames: ProjectionNames = {
  query: "q_proj",
  key: "k_proj",
  value: "v_proj",
  output: "o_proj",
  gate: "gate_proj",
  up: "up_proj",
  down: "down_proj",
};

const llama: FamilyKind = {
  headWidth: "hidden / heads",
  tied: false,
  attentionBias: false,
  outputBias: true,
  feedForwardBias: false,
  headBias: false,
  hiddenNorms: 2,
  queryKeyNorms: "none",
  norm: "rms",
  learnedPositions: false,
  groupedHeads: true,
  isFourWide: false,
  gated: true,
  activation: "silu",
  softCaps: false,
  names: splitNames,
};

const qwen2: FamilyKind = { ...llama, attentionBias: true, outputBias: false };
const qwen3: FamilyKind = { ...llama, headWidth: 128, queryKeyNorms: "head" };
const gemma: FamilyKind = { ...llama, headWidth: 256, tied: true, activation: "gelu" };
/** Layer norm, biases everywhere, no gate. */
const classic: FamilyKind = {
  ...llama,
  attentionBias: true,
  feedForwardBias: true,
  norm: "layer",
  gated: false,
  activation: "gelu",
};

/**
 * Families by `model_type`.
 *
 * @source huggingface/transformers src/transformers/models/<family>/configuration_*.py and modeling_*.py,
 *   version 4.57
 */
export const families: ReadonlyMap<string, FamilyKind> = new Map([
  ["llama", llama],
  ["mistral", llama],
  ["mixtral", llama],
  ["granite", llama],
  ["smollm3", { ...llama, tied: true }],
  ["olmoe", { ...llama, queryKeyNorms: "width" }],
  ["olmo2", { ...llama, queryKeyNorms: "width" }],
  ["qwen2", qwen2],
  ["qwen3", qwen3],
  ["qwen3_moe", qwen3],
  ["gemma", gemma],
  ["gemma2", { ...gemma, hiddenNorms: 4, softCaps: true }],
  ["gemma3_text", { ...gemma, hiddenNorms: 4, queryKeyNorms: "head" }],
  [
    "phi3",
    {
      ...llama,
      names: {
        ...splitNames,
        query: "qkv_proj",
        key: "qkv_proj",
        value: "qkv_proj",
        gate: "gate_up_proj",
        up: "gate_up_proj",
      },
    },
  ],
  [
    "phi",
    {
      ...classic,
      headBias: true,
      hiddenNorms: 1,
      names: { ...splitNames, output: "dense", up: "fc1", down: "fc2" },
    },
  ],
  ["starcoder2", { ...classic, tied: true, names: { ...splitNames, up: "c_fc", down: "c_proj" } }],
  [
    "gpt2",
    {
      ...classic,
      tied: true,
      learnedPositions: true,
      groupedHeads: false,
      isFourWide: true,
      names: {
        query: "c_attn",
        key: "c_attn",
        value: "c_attn",
        output: "c_proj",
        gate: "c_fc",
        up: "c_fc",
        down: "c_proj",
      },
    },
  ],
  [
    "gpt_neox",
    {
      ...classic,
      groupedHeads: false,
      names: {
        query: "query_key_value",
        key: "query_key_value",
        value: "query_key_value",
        output: "dense",
        gate: "dense_h_to_4h",
        up: "dense_h_to_4h",
        down: "dense_4h_to_h",
      },
    },
  ],
]);

/** Assumed family if a model's family is unknown. */
export const assumedFamily: FamilyKind = llama;
