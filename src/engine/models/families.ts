/** @file What each family fixes or leaves to its `config.json`: one row of data per family. */
import type { Architecture, Family, NormPlaces, Role } from "./architecture.ts";

/** A family's rules: default values of fields, and which fields it has. */
export interface FamilyRules {
  /** `head_dim` if it is missing; `null` for D / H. */
  readonly headWidth: number | null;
  readonly tied: boolean;
  readonly epsilon: number;
  readonly ropeTheta: number;
  readonly activation: "silu" | "gelu_pytorch_tanh";
  /** `attention_bias` if it is missing. */
  readonly attentionBias: boolean;
  /** Whether o has a bias where q, k and v have one. */
  readonly outputBias: boolean;
  readonly normOffset: Architecture["normOffset"];
  readonly queryKeyNorms: Architecture["queryKeyNorms"];
  readonly norms: Architecture["norms"];
  readonly paths: Architecture["paths"];
  /** Factor on embeddings: a field of the configuration, or the root of D. */
  readonly embeddingScale: "none" | "root" | "embedding_multiplier";
  /** What scores are scaled by: the inverse root of E or of a field, or a field itself. */
  readonly attentionScale: "head_dim" | "query_pre_attn_scalar" | "attention_multiplier";
  /** `attn_logit_softcapping` and `final_logit_softcapping` if they are missing; `null` where there are no such fields. */
  readonly softCaps: { readonly scores: number | null; readonly logits: number | null } | null;
  /** Whether `residual_multiplier` and `logits_scaling` apply. */
  readonly multipliers: boolean;
  /** Which layers have a sliding window if `layer_types` is missing. */
  readonly windows: WindowRule;
  /** `sliding_window` if it is missing. */
  readonly window: number | null;
  /** Whether some layers have no positions: `no_rope_layers`, `no_rope_layer_interval`. */
  readonly someWithoutRope: boolean;
  /** Whether only the first part of each head may be rotated, by `partial_rotary_factor`. */
  readonly partialRotation: boolean;
  /** Base of the rotation in layers with a sliding window, where it is their own. */
  readonly localRopeTheta: number | null;
}

/**
 * - `none`
 * - `all`
 * - `upper`: those from `max_window_layers`, if `use_sliding_window` says so
 * - `pattern`: all but every n-th, by `sliding_window_pattern`
 * - `switched`: those without positions, if `use_sliding_window` says so
 */
type WindowRule = "none" | "all" | "upper" | "pattern" | "switched";

const splitPaths: Readonly<Record<Role, string>> = {
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

const llama: FamilyRules = {
  headWidth: null,
  tied: false,
  epsilon: 1e-6,
  ropeTheta: 10_000,
  activation: "silu",
  attentionBias: false,
  outputBias: true,
  normOffset: 0,
  queryKeyNorms: "none",
  norms: normsBefore,
  paths: splitPaths,
  embeddingScale: "none",
  attentionScale: "head_dim",
  softCaps: null,
  multipliers: false,
  windows: "none",
  window: null,
  someWithoutRope: false,
  partialRotation: false,
  localRopeTheta: null,
};

const gemma2: FamilyRules = {
  ...llama,
  headWidth: 256,
  tied: true,
  activation: "gelu_pytorch_tanh",
  normOffset: 1,
  norms: normsAround,
  embeddingScale: "root",
  attentionScale: "query_pre_attn_scalar",
  softCaps: { scores: 50, logits: 30 },
  windows: "pattern",
  window: 4096,
};

const fusedPaths: Readonly<Record<Role, string>> = {
  ...splitPaths,
  query: "self_attn.qkv_proj",
  key: "self_attn.qkv_proj",
  value: "self_attn.qkv_proj",
  gate: "mlp.gate_up_proj",
  up: "mlp.gate_up_proj",
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
  phi3: { ...llama, epsilon: 1e-5, paths: fusedPaths, windows: "all", partialRotation: true },
  smollm3: { ...llama, tied: true, ropeTheta: 2_000_000, windows: "switched", someWithoutRope: true },
  olmo2: { ...llama, epsilon: 1e-5, norms: normsAfter, queryKeyNorms: "width" },
  granite: {
    ...llama,
    embeddingScale: "embedding_multiplier",
    attentionScale: "attention_multiplier",
    multipliers: true,
  },
};
