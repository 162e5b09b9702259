/** @file Published configurations are read, including fields that a family does not need. */
import { expect, test } from "vitest";
import { readArchitecture } from "./read-architecture.ts";
import { parameterCount } from "./weight-names.ts";

const factors = (length: number): number[] => Array.from({ length }, (_, at) => 1 + at / length);

const common = { bos_token_id: 1, eos_token_id: [2, 3], initializer_range: 0.02, use_cache: true };
const older = { ...common, attention_dropout: 0.0, torch_dtype: "bfloat16", transformers_version: "4.50.0" };
const silu = { ...older, hidden_act: "silu" };
const sizes = (
  hidden: number,
  layers: number,
  heads: number,
  kv: number,
  wide: number,
  words: number,
): object => ({
  hidden_size: hidden,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: kv,
  intermediate_size: wide,
  vocab_size: words,
});

/** Name, configuration, and published number of parameters. */
const published: readonly (readonly [string, object, number])[] = [
  [
    "Llama 3.2 1B",
    {
      ...silu,
      ...sizes(2048, 16, 32, 8, 8192, 128256),
      model_type: "llama",
      head_dim: 64,
      architectures: ["LlamaForCausalLM"],
      attention_bias: false,
      mlp_bias: false,
      pretraining_tp: 1,
      max_position_embeddings: 131072,
      rms_norm_eps: 1e-5,
      rope_theta: 500000.0,
      tie_word_embeddings: true,
      rope_scaling: {
        factor: 32.0,
        high_freq_factor: 4.0,
        low_freq_factor: 1.0,
        rope_type: "llama3",
        original_max_position_embeddings: 8192,
      },
    },
    1_235_814_400,
  ],
  [
    "Qwen2.5 0.5B",
    {
      ...silu,
      ...sizes(896, 24, 14, 2, 4864, 151936),
      model_type: "qwen2",
      tie_word_embeddings: true,
      max_position_embeddings: 32768,
      max_window_layers: 21,
      rms_norm_eps: 1e-6,
      rope_theta: 1000000.0,
      sliding_window: 32768,
      use_sliding_window: false,
    },
    494_032_768,
  ],
  [
    "Gemma 3 1B",
    {
      ...older,
      ...sizes(1152, 26, 4, 1, 6912, 262144),
      model_type: "gemma3_text",
      head_dim: 256,
      attention_bias: false,
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      cache_implementation: "hybrid",
      hidden_activation: "gelu_pytorch_tanh",
      pad_token_id: 0,
      max_position_embeddings: 32768,
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_local_base_freq: 10000,
      rope_theta: 1000000,
      sliding_window: 512,
      sliding_window_pattern: 6,
    },
    999_885_952,
  ],
  [
    "Phi-4 mini",
    {
      ...silu,
      ...sizes(3072, 32, 24, 8, 8192, 200064),
      model_type: "phi3",
      tie_word_embeddings: true,
      auto_map: { AutoConfig: "configuration_phi3.Phi3Config" },
      attention_bias: false,
      embd_pdrop: 0.0,
      full_attn_mod: 1,
      interpolate_factor: 1,
      lm_head_bias: false,
      mlp_bias: false,
      resid_pdrop: 0.0,
      max_position_embeddings: 131072,
      original_max_position_embeddings: 4096,
      partial_rotary_factor: 0.75,
      rms_norm_eps: 1e-5,
      rope_theta: 10000.0,
      sliding_window: 262144,
      rope_scaling: { long_factor: factors(48), short_factor: factors(48), type: "longrope" },
    },
    3_836_021_760,
  ],
  [
    "SmolLM3 3B",
    {
      ...silu,
      ...sizes(2048, 36, 16, 4, 11008, 128256),
      model_type: "smollm3",
      attention_bias: false,
      layer_types: Array<string>(36).fill("full_attention"),
      max_window_layers: 28,
      mlp_bias: false,
      no_rope_layer_interval: 4,
      no_rope_layers: Array.from({ length: 36 }, (_, at) => Number(at % 4 !== 3)),
      max_position_embeddings: 65536,
      pretraining_tp: 2,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_theta: 5000000.0,
      sliding_window: null,
      use_sliding_window: false,
    },
    3_075_098_624,
  ],
  [
    "OLMo 2 1B",
    {
      ...silu,
      ...sizes(2048, 16, 16, 16, 8192, 100352),
      model_type: "olmo2",
      attention_bias: false,
      max_position_embeddings: 4096,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_theta: 500000,
      tie_word_embeddings: false,
    },
    1_484_916_736,
  ],
  [
    "Granite 3.1 2B",
    {
      ...silu,
      ...sizes(2048, 40, 32, 8, 8192, 49155),
      model_type: "granite",
      attention_bias: false,
      attention_multiplier: 0.015625,
      embedding_multiplier: 12.0,
      logits_scaling: 8.0,
      mlp_bias: false,
      max_position_embeddings: 131072,
      residual_multiplier: 0.22,
      rms_norm_eps: 1e-5,
      rope_scaling: null,
      rope_theta: 5000000.0,
      tie_word_embeddings: true,
    },
    2_533_531_648,
  ],
  [
    "Pythia 1.4B",
    {
      ...common,
      ...sizes(2048, 24, 16, 16, 8192, 50304),
      model_type: "gpt_neox",
      hidden_act: "gelu",
      layer_norm_eps: 1e-5,
      max_position_embeddings: 2048,
      rotary_emb_base: 10000,
      rotary_pct: 0.25,
      tie_word_embeddings: false,
      torch_dtype: "float16",
      use_parallel_residual: true,
    },
    1_414_647_808,
  ],
  [
    "GPT-2",
    {
      ...common,
      activation_function: "gelu_new",
      attn_pdrop: 0.1,
      embd_pdrop: 0.1,
      resid_pdrop: 0.1,
      layer_norm_epsilon: 1e-5,
      model_type: "gpt2",
      n_ctx: 1024,
      n_embd: 768,
      n_head: 12,
      n_layer: 12,
      n_positions: 1024,
      summary_activation: null,
      summary_first_dropout: 0.1,
      summary_type: "cls_index",
      summary_proj_to_labels: true,
      summary_use_proj: true,
      vocab_size: 50257,
      task_specific_params: { "text-generation": { do_sample: true, max_length: 50 } },
    },
    124_439_808,
  ],
  [
    "Qwen3 30B A3B",
    {
      ...silu,
      ...sizes(2048, 48, 32, 4, 6144, 151936),
      model_type: "qwen3_moe",
      head_dim: 128,
      attention_bias: false,
      decoder_sparse_step: 1,
      max_position_embeddings: 40960,
      max_window_layers: 48,
      mlp_only_layers: [],
      moe_intermediate_size: 768,
      norm_topk_prob: true,
      num_experts: 128,
      num_experts_per_tok: 8,
      output_router_logits: false,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_theta: 1000000.0,
      router_aux_loss_coef: 0.001,
      sliding_window: null,
      use_sliding_window: false,
      tie_word_embeddings: false,
    },
    30_532_122_624,
  ],
  [
    "OLMoE 1B 7B",
    {
      ...silu,
      ...sizes(2048, 16, 16, 16, 1024, 50304),
      model_type: "olmoe",
      attention_bias: false,
      clip_qkv: null,
      max_position_embeddings: 4096,
      norm_topk_prob: false,
      num_experts: 64,
      num_experts_per_tok: 8,
      output_router_logits: false,
      rms_norm_eps: 1e-5,
      rope_scaling: null,
      rope_theta: 10000.0,
      router_aux_loss_coef: 0.01,
      tie_word_embeddings: false,
    },
    6_919_161_856,
  ],
];

test.each(published)("%s is read, and has as many parameters as its files", (_, config, parameters) => {
  expect(parameterCount(readArchitecture(config as Readonly<Record<string, unknown>>))).toBe(parameters);
});

test("what publishers note down in a configuration is no reason to refuse it", () => {
  const [, config] = published[0] as (typeof published)[number];
  const notes = {
    _model_name_or_path: "Smollm2 135M 8k",
    unsloth_version: "2026.1",
    image_token_index: 5,
    license: "mit",
    training_dataset: "fineweb",
    use_flash_attention: true,
    checkpoint_interval: 100,
  };
  const read = (more: object) =>
    parameterCount(readArchitecture({ ...config, ...more } as Readonly<Record<string, unknown>>));
  expect(read(notes)).toBe(read({}));
  expect(() => read({ attention_order: 3 })).toThrow("attention_order");
});

test("a family's own names of fields are read in place of the usual ones, which it ignores", () => {
  const [, config] = published.find(([name]) => name === "GPT-2") as (typeof published)[number];
  const others = { n_inner: null, intermediate_size: 64, num_key_value_heads: 1 };
  expect(
    parameterCount(readArchitecture({ ...config, ...others } as Readonly<Record<string, unknown>>)),
  ).toBe(parameterCount(readArchitecture(config as Readonly<Record<string, unknown>>)));
});
