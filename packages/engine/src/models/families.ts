/** @file Rules of each model family: fixed properties, and defaults for its `config.json`. One row per family. */
import type { Architecture, Family, NormPlaces, ProjectionPaths, WeightNames } from "./architecture.ts";

/** A family's rules: default values of fields, and which fields it has. */
export interface FamilyRules {
  /** `head_dim` if it is missing; `null` for D / H. */
  readonly headWidth: number | null;
  readonly tied: boolean;
  /** Name and default value of the field for the norms' epsilon. */
  readonly epsilon: readonly [field: string, value: number];
  readonly ropeTheta: number;
  /** Value of `hidden_act` if it is missing. */
  readonly activation: string;
  /** Whether `gelu` means the tanh approximation, as in Gemma's first files. */
  readonly geluIsTanh: boolean;
  /** `attention_bias` if it is missing. */
  readonly attentionBias: boolean;
  /** Whether o has a bias if q, k and v have one. */
  readonly outputBias: boolean;
  /** `mlp_bias` if it is missing. */
  readonly feedForwardBias: boolean;
  /** Whether query heads may share key heads: `num_key_value_heads`. */
  readonly groupedHeads: boolean;
  /** Whether F is 4 D if `intermediate_size` is missing. */
  readonly isFourWide: boolean;
  /** Field with the experts' width; `null` for families without experts. */
  readonly experts: "moe_intermediate_size" | "intermediate_size" | null;
  readonly norm: Architecture["norm"];
  readonly normOffset: Architecture["normOffset"];
  readonly queryKeyNorms: Architecture["queryKeyNorms"];
  readonly norms: Architecture["norms"];
  readonly paths: ProjectionPaths;
  readonly headwise: boolean;
  readonly inputsFirst: boolean;
  readonly names: WeightNames;
  /** The family's own field names, by their usual names. */
  readonly fields: Readonly<Record<string, string>>;
  /** `use_parallel_residual` if it is missing; `null` for families without this field. */
  readonly parallel: boolean | null;
  /** Factor on embeddings: a field of the configuration, or the square root of D. */
  readonly embeddingScale: "none" | "root" | "embedding_multiplier";
  /** Scale of scores: 1 / sqrt(E), optionally disabled by a flag; 1 / sqrt(a field); or a field itself. */
  readonly attentionScale:
    | "head_dim"
    | "scale_attn_weights"
    | "query_pre_attn_scalar"
    | "attention_multiplier";
  /** Defaults of `attn_logit_softcapping` and `final_logit_softcapping`; `null` for families without these fields. */
  readonly softCaps: { readonly scores: number | null; readonly logits: number | null } | null;
  /** Whether `residual_multiplier` and `logits_scaling` apply. */
  readonly multipliers: boolean;
  /** Which layers have a sliding window if `layer_types` is missing. */
  readonly windows: WindowRule;
  /** `sliding_window` if it is missing. */
  readonly window: number | null;
  /** Whether some layers have no positions: `no_rope_layers`, `no_rope_layer_interval`. */
  readonly someWithoutRope: boolean;
  /** `partial_rotary_factor`, the rotated share of each head, if it is missing; `null` if only 1 is supported. */
  readonly partialRotation: number | null;
  /** Theta of layers with a sliding window; `null` if it is the same in all layers. */
  readonly localRopeTheta: number | null;
}

/**
 * The layers with a sliding window:
 * - `none`
 * - `all`
 * - `upper`: from `max_window_layers` on, if `use_sliding_window` is set
 * - `pattern`: all except every n-th, by `sliding_window_pattern`
 * - `switched`: those without positions, if `use_sliding_window` is set
 */
type WindowRule = "none" | "all" | "upper" | "pattern" | "switched";

const splitPaths: ProjectionPaths = {
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  output: "self_attn.o_proj",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
};

const places = (attention: NormPlaces, feedForward: NormPlaces): Architecture["norms"] => ({
  attention,
  feedForward,
});

const normsBefore = places(
  { before: "input_layernorm", after: null },
  { before: "post_attention_layernorm", after: null },
);

const normsAround = places(
  { before: "input_layernorm", after: "post_attention_layernorm" },
  { before: "pre_feedforward_layernorm", after: "post_feedforward_layernorm" },
);

const normsAfter = places(
  { before: null, after: "post_attention_layernorm" },
  { before: null, after: "post_feedforward_layernorm" },
);

const usualNames: WeightNames = {
  root: "model.",
  layers: "layers",
  embedding: "embed_tokens",
  positions: null,
  norm: "norm",
  head: "lm_head",
};

const llama: FamilyRules = {
  headWidth: null,
  groupedHeads: true,
  tied: false,
  epsilon: ["rms_norm_eps", 1e-6],
  ropeTheta: 10_000,
  activation: "silu",
  geluIsTanh: false,
  attentionBias: false,
  outputBias: true,
  feedForwardBias: false,
  isFourWide: false,
  experts: null,
  norm: "rms",
  normOffset: 0,
  queryKeyNorms: "none",
  norms: normsBefore,
  paths: splitPaths,
  headwise: false,
  inputsFirst: false,
  names: usualNames,
  fields: {},
  parallel: null,
  embeddingScale: "none",
  attentionScale: "head_dim",
  softCaps: null,
  multipliers: false,
  windows: "none",
  window: null,
  someWithoutRope: false,
  partialRotation: null,
  localRopeTheta: null,
};

const gemma2: FamilyRules = {
  ...llama,
  headWidth: 256,
  tied: true,
  activation: "gelu_pytorch_tanh",
  geluIsTanh: true,
  normOffset: 1,
  norms: normsAround,
  embeddingScale: "root",
  attentionScale: "query_pre_attn_scalar",
  softCaps: { scores: 50, logits: 30 },
  windows: "pattern",
  window: 4096,
};

const fusedPaths: ProjectionPaths = {
  ...splitPaths,
  query: "self_attn.qkv_proj",
  key: "self_attn.qkv_proj",
  value: "self_attn.qkv_proj",
  gate: "mlp.gate_up_proj",
  up: "mlp.gate_up_proj",
};

const gptNeox: FamilyRules = {
  ...llama,
  groupedHeads: false,
  epsilon: ["layer_norm_eps", 1e-5],
  activation: "gelu",
  attentionBias: true,
  feedForwardBias: true,
  norm: "layer",
  paths: {
    query: "attention.query_key_value",
    key: "attention.query_key_value",
    value: "attention.query_key_value",
    output: "attention.dense",
    gate: null,
    up: "mlp.dense_h_to_4h",
    down: "mlp.dense_4h_to_h",
  },
  headwise: true,
  names: {
    ...usualNames,
    root: "gpt_neox.",
    embedding: "embed_in",
    norm: "final_layer_norm",
    head: "embed_out",
  },
  fields: { rope_theta: "rotary_emb_base", partial_rotary_factor: "rotary_pct" },
  parallel: true,
  partialRotation: 0.25,
};

const gpt2: FamilyRules = {
  ...llama,
  groupedHeads: false,
  tied: true,
  epsilon: ["layer_norm_epsilon", 1e-5],
  activation: "gelu_new",
  attentionBias: true,
  feedForwardBias: true,
  isFourWide: true,
  norm: "layer",
  norms: places({ before: "ln_1", after: null }, { before: "ln_2", after: null }),
  paths: {
    query: "attn.c_attn",
    key: "attn.c_attn",
    value: "attn.c_attn",
    output: "attn.c_proj",
    gate: null,
    up: "mlp.c_fc",
    down: "mlp.c_proj",
  },
  inputsFirst: true,
  names: {
    ...usualNames,
    root: "transformer.",
    layers: "h",
    embedding: "wte",
    positions: "wpe",
    norm: "ln_f",
  },
  fields: {
    hidden_size: "n_embd",
    num_hidden_layers: "n_layer",
    num_attention_heads: "n_head",
    intermediate_size: "n_inner",
    max_position_embeddings: "n_positions",
    hidden_act: "activation_function",
  },
  attentionScale: "scale_attn_weights",
};

/**
 * Rules by family.
 *
 * @source huggingface/transformers src/transformers/models/<family>/configuration_*.py and modeling_*.py, version 5.24
 */
export const familyRules: Readonly<Record<Family, FamilyRules>> = {
  llama,
  mistral: { ...llama, windows: "all", window: 4096 },
  qwen2: { ...llama, attentionBias: true, outputBias: false, windows: "upper" },
  qwen3: { ...llama, headWidth: 128, queryKeyNorms: "head", windows: "upper" },
  gemma2,
  gemma3_text: {
    ...gemma2,
    ropeTheta: 1_000_000,
    localRopeTheta: 10_000,
    queryKeyNorms: "head",
    softCaps: { scores: null, logits: null },
  },
  phi3: { ...llama, epsilon: ["rms_norm_eps", 1e-5], paths: fusedPaths, windows: "all", partialRotation: 1 },
  smollm3: { ...llama, tied: true, ropeTheta: 2_000_000, windows: "switched", someWithoutRope: true },
  olmo2: { ...llama, epsilon: ["rms_norm_eps", 1e-5], norms: normsAfter, queryKeyNorms: "width" },
  granite: {
    ...llama,
    embeddingScale: "embedding_multiplier",
    attentionScale: "attention_multiplier",
    multipliers: true,
  },
  qwen3_moe: {
    ...llama,
    queryKeyNorms: "head",
    windows: "upper",
    window: 4096,
    experts: "moe_intermediate_size",
    fields: { num_experts: "num_local_experts" },
  },
  olmoe: {
    ...llama,
    epsilon: ["rms_norm_eps", 1e-5],
    queryKeyNorms: "width",
    experts: "intermediate_size",
  },
  gpt_neox: gptNeox,
  gpt2,
};
