/**
 * @file Builds the equivalent of `config.json`, in the keys of `transformers`, from GGUF metadata.
 *
 * Llama 3's RoPE scaling is recognized from the factors that GGUF files store instead.
 *
 * @source ggml-org/llama.cpp gguf-py/gguf/constants.py (keys), convert_hf_to_gguf.py (what is written when,
 *   `LlamaModel.generate_extra_tensors`); huggingface/transformers src/transformers/modeling_rope_utils.py
 *   `_compute_llama3_parameters`
 */
import { type Activation, type FamilyName, families, type ModelFamily } from "../../families/index.ts";
import { problem } from "../../problem/index.ts";
import type { GgufTensor } from "./header.ts";
import { type GgufMetadata, numberOf, sizeOf, textOf, textsOf } from "./metadata.ts";

/** Names of activations in transformers. */
const activations: Readonly<Record<Activation, string>> = {
  silu: "silu",
  gelu: "gelu",
  "gelu-tanh": "gelu_pytorch_tanh",
};

/**
 * A configuration that is mathematically equal to the one the file was converted from.
 *
 * @param ropeFactors content of `rope_freqs.weight`, `[E / 2]`, or `null`
 * @throws {TunewiseError} `MODEL_FILE_DAMAGED` if a required value is missing or has the wrong type,
 *   `MODEL_GGUF_UNSUPPORTED` for RoPE factors of an unknown scaling
 */
export function ggufConfig(
  metadata: GgufMetadata,
  family: FamilyName,
  tensors: readonly GgufTensor[],
  ropeFactors: Float32Array | null,
): Readonly<Record<string, unknown>> {
  const row = families[family];
  const architecture = row.gguf?.read ?? family;
  const key = (name: string): string => `${architecture}.${name}`;
  const hidden = sizeOf(metadata, key("embedding_length"));
  const heads = sizeOf(metadata, key("attention.head_count"));
  const headWidth =
    numberOf(metadata, key("attention.key_length")) ??
    numberOf(metadata, key("rope.dimension_count")) ??
    hidden / heads;
  const names = new Set(tensors.map((tensor) => tensor.name));
  const ropeBase = shortest(numberOf(metadata, key("rope.freq_base")) ?? 10_000);
  return {
    architectures: [row.className],
    model_type: family,
    vocab_size: vocabularySize(metadata, architecture, tensors),
    hidden_size: hidden,
    intermediate_size: sizeOf(metadata, key("feed_forward_length")),
    num_hidden_layers: sizeOf(metadata, key("block_count")),
    num_attention_heads: heads,
    num_key_value_heads: numberOf(metadata, key("attention.head_count_kv")) ?? heads,
    head_dim: headWidth,
    max_position_embeddings: sizeOf(metadata, key("context_length")),
    rms_norm_eps: shortest(numberOf(metadata, key("attention.layer_norm_rms_epsilon")) ?? 1e-6),
    rope_theta: ropeBase,
    rope_scaling: ropeScaling(metadata, architecture, ropeFactors, ropeBase, headWidth),
    hidden_act: activations[row.activation],
    attention_bias: names.has("blk.0.attn_q.bias"),
    mlp_bias: names.has("blk.0.ffn_gate.bias"),
    // The converter omits the output projection if it equals the embedding.
    tie_word_embeddings: !names.has("output.weight"),
    bos_token_id: numberOf(metadata, "tokenizer.ggml.bos_token_id") ?? null,
    eos_token_id: numberOf(metadata, "tokenizer.ggml.eos_token_id") ?? null,
    pad_token_id: numberOf(metadata, "tokenizer.ggml.padding_token_id") ?? null,
    ...slidingWindow(metadata, architecture, row),
    ...capKeys(metadata, architecture, row),
    ...scaleKeys(row, sizeOf(metadata, key("block_count")), hidden / heads, headWidth),
  };
}

/** Rows of the embedding, which can exceed the number of tokens (padded to a round number). */
function vocabularySize(
  metadata: GgufMetadata,
  architecture: string,
  tensors: readonly GgufTensor[],
): number {
  const rows = tensors.find((tensor) => tensor.name === "token_embd.weight")?.shape[0];
  const tokens = textsOf(metadata, "tokenizer.ggml.tokens")?.length;
  return rows ?? numberOf(metadata, `${architecture}.vocab_size`) ?? tokens ?? 0;
}

function ropeScaling(
  metadata: GgufMetadata,
  architecture: string,
  factors: Float32Array | null,
  base: number,
  headWidth: number,
): Readonly<Record<string, unknown>> | null {
  const key = (name: string): string => `${architecture}.rope.scaling.${name}`;
  if (factors !== null) {
    const scaling = llama3Scaling(factors, base, headWidth);
    if (scaling !== null) return scaling;
    const detail = "its rope_freqs.weight matches no supported RoPE scaling";
    const fix = "Use the same model as a folder with its config.json";
    throw problem("MODEL_GGUF_UNSUPPORTED", { file: metadata.path, detail, fix });
  }
  const type = textOf(metadata, key("type"));
  if (type === undefined || type === "none") return null;
  const original = numberOf(metadata, key("original_context_length"));
  const fast = numberOf(metadata, key("yarn_beta_fast"));
  const slow = numberOf(metadata, key("yarn_beta_slow"));
  return {
    rope_type: type,
    factor: shortest(numberOf(metadata, key("factor")) ?? 1),
    ...(original === undefined ? {} : { original_max_position_embeddings: original }),
    ...(fast === undefined ? {} : { beta_fast: fast }),
    ...(slow === undefined ? {} : { beta_slow: slow }),
  };
}

function slidingWindow(
  metadata: GgufMetadata,
  architecture: string,
  { engine, gguf }: ModelFamily,
): Readonly<Record<string, unknown>> {
  const window = numberOf(metadata, `${architecture}.attention.sliding_window`);
  if (window !== undefined) return { sliding_window: window };
  const usual = engine?.window ?? null;
  if (usual === null) return {};
  // a family that llama.cpp computes without windows has one only if the file says so
  return { sliding_window: gguf?.windows === "even" ? usual : null };
}

function capKeys(
  metadata: GgufMetadata,
  architecture: string,
  { softCaps, activation }: ModelFamily,
): Readonly<Record<string, unknown>> {
  if (softCaps === null) return {};
  const cap = (name: string, usual: number | null): number | null => {
    const value = numberOf(metadata, `${architecture}.${name}`) ?? usual;
    return value === null ? null : shortest(value);
  };
  return {
    hidden_activation: activations[activation],
    attn_logit_softcapping: cap("attn_logit_softcapping", softCaps.scores),
    final_logit_softcapping: cap("final_logit_softcapping", softCaps.logits),
  };
}

/** @source google/gemma_pytorch gemma/config.py: query scale of 2B and 9B is the head width, of 27B hidden / heads */
function scaleKeys(
  { engine, gguf }: ModelFamily,
  layers: number,
  widthPerHead: number,
  headWidth: number,
): Readonly<Record<string, unknown>> {
  if (engine?.attentionScale !== "query_pre_attn_scalar") return {};
  return { query_pre_attn_scalar: layers === gguf?.hiddenScaleLayers ? widthPerHead : headWidth };
}

/** The decimal number that was rounded to this float32: 1e-5 for 0.000009999999747378752. */
function shortest(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** Settings of every published Llama 3 model; only the factor differs (8 or 32). */
const lowFrequencyFactor = 1;
const highFrequencyFactor = 4;
const originalLength = 8192;

/**
 * `rope_scaling` of a `config.json` that produces these factors; `null` if none does within float32 rounding.
 *
 * @param factors `[E / 2]`, one per wavelength
 * @param base rope_theta
 */
function llama3Scaling(
  factors: Float32Array,
  base: number,
  headWidth: number,
): Readonly<Record<string, unknown>> | null {
  const factor = factors.reduce((most, value) => Math.max(most, value), 0);
  if (factors.length !== headWidth / 2 || !(factor >= 1)) return null;
  const fits = factors.every((value, i) => {
    const waveLength = 2 * Math.PI * base ** ((2 * i) / headWidth);
    const expected = stretch(waveLength, factor);
    return Math.abs(value - expected) <= 1e-4 * expected;
  });
  if (!fits) return null;
  return {
    rope_type: "llama3",
    factor,
    low_freq_factor: lowFrequencyFactor,
    high_freq_factor: highFrequencyFactor,
    original_max_position_embeddings: originalLength,
  };
}

/** Short wavelengths are unchanged, long ones are multiplied by the factor, those between are interpolated. */
function stretch(waveLength: number, factor: number): number {
  if (waveLength < originalLength / highFrequencyFactor) return 1;
  if (waveLength > originalLength / lowFrequencyFactor) return factor;
  const smooth =
    (originalLength / waveLength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return 1 / ((1 - smooth) / factor + smooth);
}
