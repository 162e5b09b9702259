/** @file What a row of the table of model families states. */

/** A model family of transformers: its layers, and which programs compute it. */
export interface ModelFamily extends FamilyLayers {
  /** Class with the head, in `architectures` of `config.json`: `LlamaForCausalLM` */
  readonly className: string;
  /** How the engine computes it; `null` for families that only the worker on PyTorch trains. */
  readonly engine: EngineRules | null;
  /** How GGUF files store it and llama.cpp computes it; `null` for families that are not read or written as GGUF. */
  readonly gguf: GgufRules | null;
}

/** Properties of a family's layers, and defaults of its `config.json`. */
export interface FamilyLayers {
  /** `head_dim` if it is missing; `null` for D / H. */
  readonly headWidth: number | null;
  /** `tie_word_embeddings` if it is missing. */
  readonly tied: boolean;
  /** `attention_bias` if it is missing. */
  readonly attentionBias: boolean;
  /** Whether o has a bias if q, k and v have one. */
  readonly outputBias: boolean;
  /** `mlp_bias` if it is missing. */
  readonly feedForwardBias: boolean;
  /** Whether an untied head has a bias. */
  readonly headBias: boolean;
  /** Whether query heads may share key heads: `num_key_value_heads`. */
  readonly groupedHeads: boolean;
  /** Whether F is 4 D if `intermediate_size` is missing. */
  readonly isFourWide: boolean;
  /** Field with the experts' width; `null` for families without experts. */
  readonly experts: "moe_intermediate_size" | "intermediate_size" | null;
  /** RMS norms have a weight; layer norms subtract the mean first, and also have a bias. */
  readonly norm: "rms" | "layer";
  /** Whether queries and keys are normalized per head (Qwen3, Gemma 3) or over the complete width (OLMo 2). */
  readonly queryKeyNorms: "none" | "head" | "width";
  readonly norms: LayerNorms;
  /** Function between the matrices of the feed-forward if the file names none. */
  readonly activation: Activation;
  /** Defaults of `attn_logit_softcapping` and `final_logit_softcapping`; `null` for families without these fields. */
  readonly softCaps: { readonly scores: number | null; readonly logits: number | null } | null;
  readonly paths: ProjectionPaths;
  readonly names: WeightNames;
  /** The family's own field names, by their usual names. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What the engine needs to know beyond the layers: defaults of more fields, and properties of the computation. */
export interface EngineRules {
  /** Name and default value of the field for the norms' epsilon. */
  readonly epsilon: readonly [field: string, value: number];
  readonly ropeTheta: number;
  /** Whether `gelu` means the tanh approximation, as in Gemma's first files. */
  readonly geluIsTanh: boolean;
  /** 1 if norm weights are stored as w - 1 (Gemma); it is added when weights are read. */
  readonly normOffset: 0 | 1;
  /** Whether a fused matrix stores q, k and v head by head (GPT-NeoX) instead of one after the other. */
  readonly headwise: boolean;
  /** Whether files store projections as `[inputs, outputs]` (GPT-2). */
  readonly inputsFirst: boolean;
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
  /** Whether mlx-lm applies sliding windows: always, never, or those that `layer_types` states. */
  readonly mlxWindows: "all" | "none" | "layer_types";
}

/** Properties that llama.cpp fixes for an architecture; a model that differs from them cannot be exported. */
export interface GgufRules {
  /** `general.architecture` of files that are read as this family, and of those that are written. */
  readonly read: string;
  readonly written: string;
  /** Whether rows of queries and keys are stored for interleaved rotation. */
  readonly isPermuted: boolean;
  /** Projections that may have biases. */
  readonly biases: "none" | "qkv" | "all";
  /** Whether the head may be a matrix of its own. */
  readonly ownHead: boolean;
  /** Whether Llama 3's RoPE scaling is applied. */
  readonly llama3Rope: boolean;
  /** Layers with a sliding window: none, or the even ones. */
  readonly windows: "none" | "even";
  /**
   * The scale of scores is 1 / sqrt(E), except for models with this number of layers: 1 / sqrt(D / H). `null` if the
   * scale is always 1 / sqrt(E).
   */
  readonly hiddenScaleLayers: number | null;
  /** Whether pieces are ordered by id and texts get no space in front, as in Gemma's sentencepiece vocabularies. */
  readonly isOrderedById: boolean;
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

/** Function between the matrices of the feed-forward. */
export type Activation = "silu" | "gelu" | "gelu-tanh";

/** Norms before and after attention and feed-forward. */
export type LayerNorms = Readonly<Record<"attention" | "feedForward", NormPlaces>>;

/** Module paths of the norms before and after attention or feed-forward; `null` for none. */
export interface NormPlaces {
  readonly before: string | null;
  readonly after: string | null;
}

/** Role of a projection in its layer. */
export type Role = "query" | "key" | "value" | "output" | "gate" | "up" | "down";

/**
 * Module paths by role; roles that share a path are one matrix, in the order of the roles. Without a gate the
 * feed-forward is activation(up).
 */
export type ProjectionPaths = Readonly<
  Record<Exclude<Role, "gate">, string> & { readonly gate: string | null }
>;

/** Names of the parts of a model in its files. */
export interface WeightNames {
  /** Prefix that some files leave out: `model.` */
  readonly root: string;
  /** `layers` */
  readonly layers: string;
  readonly embedding: string;
  /** Learned positions, `null` for none. */
  readonly positions: string | null;
  readonly norm: string;
  /** Full name, without the prefix `root`. */
  readonly head: string;
}
