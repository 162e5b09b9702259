/** @file The table of model families: one row each, by `model_type` of `config.json`. */
import type {
  EngineRules,
  FamilyLayers,
  GgufRules,
  LayerNorms,
  ModelFamily,
  NormPlaces,
  ProjectionPaths,
} from "./family.ts";

const splitPaths: ProjectionPaths = {
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  output: "self_attn.o_proj",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
};

const places = (attention: NormPlaces, feedForward: NormPlaces): LayerNorms => ({ attention, feedForward });

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

const llamaEngine: EngineRules = {
  epsilon: ["rms_norm_eps", 1e-6],
  ropeTheta: 10_000,
  geluIsTanh: false,
  normOffset: 0,
  headwise: false,
  inputsFirst: false,
  parallel: null,
  embeddingScale: "none",
  attentionScale: "head_dim",
  multipliers: false,
  windows: "none",
  window: null,
  someWithoutRope: false,
  partialRotation: null,
  localRopeTheta: null,
  mlxWindows: "none",
};

const llamaGguf: GgufRules = {
  read: "llama",
  written: "llama",
  isPermuted: true,
  biases: "all",
  ownHead: true,
  llama3Rope: true,
  windows: "none",
  hiddenScaleLayers: null,
  isOrderedById: false,
};

const qwenGguf: GgufRules = { ...llamaGguf, isPermuted: false, llama3Rope: false };

const llama: FamilyLayers = {
  headWidth: null,
  tied: false,
  attentionBias: false,
  outputBias: true,
  feedForwardBias: false,
  headBias: false,
  groupedHeads: true,
  isFourWide: false,
  experts: null,
  norm: "rms",
  queryKeyNorms: "none",
  norms: normsBefore,
  activation: "silu",
  softCaps: null,
  paths: splitPaths,
  names: {
    root: "model.",
    layers: "layers",
    embedding: "embed_tokens",
    positions: null,
    norm: "norm",
    head: "lm_head",
  },
  fields: {},
};

const gemma: FamilyLayers = {
  ...llama,
  headWidth: 256,
  tied: true,
  activation: "gelu-tanh",
};

const gemma2Engine: EngineRules = {
  ...llamaEngine,
  geluIsTanh: true,
  normOffset: 1,
  embeddingScale: "root",
  attentionScale: "query_pre_attn_scalar",
  windows: "pattern",
  window: 4096,
};

/** Layer norm, biases everywhere, no gate. */
const classic: FamilyLayers = {
  ...llama,
  attentionBias: true,
  feedForwardBias: true,
  norm: "layer",
  activation: "gelu-tanh",
  paths: { ...splitPaths, gate: null },
};

/** @source huggingface/transformers src/transformers/models/gpt_neox, version 5.24 */
const gptNeox: ModelFamily = {
  ...classic,
  className: "GPTNeoXForCausalLM",
  groupedHeads: false,
  activation: "gelu",
  paths: {
    query: "attention.query_key_value",
    key: "attention.query_key_value",
    value: "attention.query_key_value",
    output: "attention.dense",
    gate: null,
    up: "mlp.dense_h_to_4h",
    down: "mlp.dense_4h_to_h",
  },
  names: {
    ...llama.names,
    root: "gpt_neox.",
    embedding: "embed_in",
    norm: "final_layer_norm",
    head: "embed_out",
  },
  fields: { rope_theta: "rotary_emb_base", partial_rotary_factor: "rotary_pct" },
  engine: {
    ...llamaEngine,
    epsilon: ["layer_norm_eps", 1e-5],
    headwise: true,
    parallel: true,
    partialRotation: 0.25,
  },
  gguf: null,
};

/** @source huggingface/transformers src/transformers/models/gpt2, version 5.24 */
const gpt2: ModelFamily = {
  ...classic,
  className: "GPT2LMHeadModel",
  tied: true,
  groupedHeads: false,
  isFourWide: true,
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
  names: {
    ...llama.names,
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
  engine: {
    ...llamaEngine,
    epsilon: ["layer_norm_epsilon", 1e-5],
    inputsFirst: true,
    attentionScale: "scale_attn_weights",
  },
  gguf: null,
};

const olmoEngine: EngineRules = { ...llamaEngine, epsilon: ["rms_norm_eps", 1e-5] };

/** @source huggingface/transformers src/transformers/models/phi3, version 5.24 */
const phi3: ModelFamily = {
  ...llama,
  className: "Phi3ForCausalLM",
  paths: {
    ...splitPaths,
    query: "self_attn.qkv_proj",
    key: "self_attn.qkv_proj",
    value: "self_attn.qkv_proj",
    gate: "mlp.gate_up_proj",
    up: "mlp.gate_up_proj",
  },
  engine: { ...olmoEngine, windows: "all", partialRotation: 1 },
  gguf: null,
};

/** Every `model_type` in the table, in the order in which messages list them. */
const names = [
  "llama",
  "mistral",
  "qwen2",
  "qwen3",
  "gemma2",
  "gemma3_text",
  "phi3",
  "smollm3",
  "olmo2",
  "granite",
  "gpt_neox",
  "gpt2",
  "qwen3_moe",
  "olmoe",
  "mixtral",
  "gemma",
  "phi",
  "starcoder2",
] as const;

/** The `model_type` of a family in the table. */
export type FamilyName = (typeof names)[number];

/**
 * Rows by `model_type`. A family that the engine computes also needs golden values (`test/conformance/golden/scripts`).
 *
 * @source huggingface/transformers src/transformers/models/<family>/configuration_*.py and modeling_*.py, version 5.24
 *   (test/python/family-table.test.ts); GGUF: ggml-org/llama.cpp convert_hf_to_gguf.py and src/models
 */
export const families: Readonly<Record<FamilyName, ModelFamily>> = {
  llama: {
    ...llama,
    className: "LlamaForCausalLM",
    engine: { ...llamaEngine, mlxWindows: "all" },
    gguf: llamaGguf,
  },
  mistral: {
    ...llama,
    className: "MistralForCausalLM",
    engine: { ...llamaEngine, windows: "all", window: 4096, mlxWindows: "layer_types" },
    gguf: { ...llamaGguf, read: "mistral" },
  },
  qwen2: {
    ...llama,
    className: "Qwen2ForCausalLM",
    attentionBias: true,
    outputBias: false,
    engine: { ...llamaEngine, windows: "upper" },
    gguf: { ...qwenGguf, read: "qwen2", written: "qwen2", biases: "qkv" },
  },
  qwen3: {
    ...llama,
    className: "Qwen3ForCausalLM",
    headWidth: 128,
    queryKeyNorms: "head",
    engine: { ...llamaEngine, windows: "upper" },
    gguf: { ...qwenGguf, read: "qwen3", written: "qwen3", biases: "none" },
  },
  gemma2: {
    ...gemma,
    className: "Gemma2ForCausalLM",
    norms: normsAround,
    softCaps: { scores: 50, logits: 30 },
    engine: gemma2Engine,
    gguf: {
      ...qwenGguf,
      read: "gemma2",
      written: "gemma2",
      biases: "none",
      ownHead: false,
      windows: "even",
      hiddenScaleLayers: 46,
      isOrderedById: true,
    },
  },
  gemma3_text: {
    ...gemma,
    className: "Gemma3ForCausalLM",
    norms: normsAround,
    queryKeyNorms: "head",
    softCaps: { scores: null, logits: null },
    engine: { ...gemma2Engine, ropeTheta: 1_000_000, localRopeTheta: 10_000, mlxWindows: "all" },
    gguf: null,
  },
  phi3,
  smollm3: {
    ...llama,
    className: "SmolLM3ForCausalLM",
    tied: true,
    engine: { ...llamaEngine, ropeTheta: 2_000_000, windows: "switched", someWithoutRope: true },
    gguf: null,
  },
  olmo2: {
    ...llama,
    className: "Olmo2ForCausalLM",
    norms: normsAfter,
    queryKeyNorms: "width",
    engine: olmoEngine,
    gguf: null,
  },
  granite: {
    ...llama,
    className: "GraniteForCausalLM",
    engine: {
      ...llamaEngine,
      embeddingScale: "embedding_multiplier",
      attentionScale: "attention_multiplier",
      multipliers: true,
    },
    gguf: null,
  },
  gpt_neox: gptNeox,
  gpt2,
  qwen3_moe: {
    ...llama,
    className: "Qwen3MoeForCausalLM",
    queryKeyNorms: "head",
    experts: "moe_intermediate_size",
    fields: { num_experts: "num_local_experts" },
    engine: { ...llamaEngine, windows: "upper", window: 4096 },
    gguf: null,
  },
  olmoe: {
    ...llama,
    className: "OlmoeForCausalLM",
    queryKeyNorms: "width",
    experts: "intermediate_size",
    engine: olmoEngine,
    gguf: null,
  },
  mixtral: {
    ...llama,
    className: "MixtralForCausalLM",
    experts: "intermediate_size",
    fields: { num_experts: "num_local_experts" },
    engine: null,
    gguf: null,
  },
  gemma: {
    ...gemma,
    className: "GemmaForCausalLM",
    engine: null,
    gguf: null,
  },
  phi: {
    ...classic,
    className: "PhiForCausalLM",
    headBias: true,
    norms: places({ before: "input_layernorm", after: null }, { before: "input_layernorm", after: null }),
    paths: { ...classic.paths, output: "self_attn.dense", up: "mlp.fc1", down: "mlp.fc2" },
    names: { ...llama.names, norm: "final_layernorm" },
    engine: null,
    gguf: null,
  },
  starcoder2: {
    ...classic,
    className: "Starcoder2ForCausalLM",
    tied: true,
    paths: { ...classic.paths, up: "mlp.c_fc", down: "mlp.c_proj" },
    engine: null,
    gguf: null,
  },
};

/** Families that the engine computes. */
export const computedFamilies: readonly FamilyName[] = names.filter((name) => families[name].engine !== null);

/** Whether a `model_type` is in the table. */
export function isFamily(modelType: unknown): modelType is FamilyName {
  return names.some((name) => name === modelType);
}

/** The family of a GGUF file by its `general.architecture`, or `null`. */
export function familyOfGguf(architecture: string | undefined): FamilyName | null {
  const isRead = ({ gguf }: ModelFamily): boolean => gguf !== null && gguf.read === architecture;
  return names.find((name) => isRead(families[name])) ?? null;
}
