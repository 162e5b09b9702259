/** @file Reads an untrusted `config.json` into an `Architecture`. */

import { problem } from "../../problem/index.ts";
import { type Config, sizeLimits } from "../../weights/index.ts";
import { type Architecture, type Family, families, type Rope } from "./architecture.ts";
import { readFlag, readInteger, readNumber, readOptionalNumber } from "./config-fields.ts";

/**
 * The architecture that a parsed `config.json` describes.
 *
 * @throws {TunewiseError} `MODEL_FAMILY_UNKNOWN` for another `model_type`, `MODEL_CONFIG_INVALID` for a field that is
 *   missing, out of bounds, or in conflict with another
 * @source huggingface/transformers src/transformers/models/{llama,mistral,qwen2,qwen3,gemma2}/configuration_*.py
 */
export function readArchitecture(config: Config): Architecture {
  const family = readFamily(config);
  const gemma = family === "gemma2";
  const heads = readInteger(config, "num_attention_heads", sizeLimits.width);
  const hidden = readInteger(config, "hidden_size", sizeLimits.width);
  const kvHeads = readInteger(config, "num_key_value_heads", sizeLimits.width, heads);
  const headWidth = readInteger(
    config,
    "head_dim",
    sizeLimits.width,
    gemma ? 256 : family === "qwen3" ? 128 : hidden / heads,
  );
  if (heads % kvHeads !== 0) {
    const detail = `num_attention_heads (${heads}) is not divisible by num_key_value_heads (${kvHeads})`;
    throw problem("MODEL_CONFIG_INVALID", { detail });
  }
  if (headWidth % 2 !== 0) {
    throw problem("MODEL_CONFIG_INVALID", {
      detail: `head_dim (${headWidth}) must be even for rotary positions`,
    });
  }
  const layers = readInteger(config, "num_hidden_layers", sizeLimits.layers);
  const attentionBias = readFlag(config, "attention_bias", family === "qwen2");
  const scalar = readNumber(config, "query_pre_attn_scalar", gemma ? 256 : headWidth);
  return {
    family,
    layers,
    hidden,
    heads,
    kvHeads,
    headWidth,
    feedForward: readInteger(config, "intermediate_size", sizeLimits.width),
    vocabulary: readInteger(config, "vocab_size", sizeLimits.vocabulary),
    contextLength: readInteger(config, "max_position_embeddings", sizeLimits.contextLength, 2048),
    epsilon: readNumber(config, "rms_norm_eps", 1e-6),
    tied: readFlag(config, "tie_word_embeddings", gemma),
    normOffset: gemma ? 1 : 0,
    activation: readActivation(config, gemma),
    biases: {
      qkv: attentionBias,
      output: family !== "qwen2" && attentionBias,
      feedForward: readFlag(config, "mlp_bias", false),
    },
    headNorms: family === "qwen3",
    postNorms: gemma,
    attentionScale: 1 / Math.sqrt(gemma ? scalar : headWidth),
    attentionCap: gemma ? readOptionalNumber(config, "attn_logit_softcapping", 50) : null,
    logitCap: gemma ? readOptionalNumber(config, "final_logit_softcapping", 30) : null,
    embeddingScale: gemma ? Math.sqrt(hidden) : 1,
    windows: readWindows(config, family, layers),
    rope: readRope(config),
  };
}

function readFamily(config: Config): Family {
  const found = String(config["model_type"] ?? "missing");
  const family = families.find((name) => name === found);
  if (!family) throw problem("MODEL_FAMILY_UNKNOWN", { found, known: families.join(", ") });
  return family;
}

function readActivation(config: Config, gemma: boolean): Architecture["activation"] {
  const found = config["hidden_activation"] ?? config["hidden_act"] ?? (gemma ? "gelu_pytorch_tanh" : "silu");
  if (found === "silu" || found === "swish") return "silu";
  if (found === "gelu_pytorch_tanh" || (gemma && found === "gelu")) return "gelu-tanh";
  throw problem("MODEL_CONFIG_INVALID", {
    detail: `hidden_act is "${found}"; known: silu, gelu_pytorch_tanh`,
  });
}

/** Sliding windows of the layers: by `layer_types` if given, otherwise by the family's rule. */
function readWindows(config: Config, family: Family, layers: number): (number | null)[] {
  const window = readOptionalNumber(config, "sliding_window", family === "gemma2" ? 4096 : null);
  const every = (uses: (layer: number) => boolean): (number | null)[] =>
    Array.from({ length: layers }, (_, layer) => (window !== null && uses(layer) ? window : null));
  const types = config["layer_types"];
  if (Array.isArray(types)) return every((layer) => types[layer] === "sliding_attention");
  if (family === "mistral") return every(() => true);
  if (family === "gemma2") return every((layer) => layer % 2 === 0);
  if (family === "llama" || config["use_sliding_window"] !== true) return every(() => false);
  const first = readNumber(config, "max_window_layers", layers);
  return every((layer) => layer >= first);
}

/**
 * RoPE base and scaling: `rope_theta` with `rope_scaling`, or `rope_parameters` of transformers 5, which contains
 * both.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID` for a scaling the engine does not support
 * @source huggingface/transformers src/transformers/modeling_rope_utils.py
 */
function readRope(config: Config): Rope {
  const joined = (config["rope_parameters"] ?? config["rope_scaling"] ?? {}) as Config;
  if (typeof joined !== "object")
    throw problem("MODEL_CONFIG_INVALID", { detail: "rope_scaling is not an object" });
  const theta = readNumber(
    { rope_theta: joined["rope_theta"] ?? config["rope_theta"] },
    "rope_theta",
    10_000,
  );
  if (!(theta > 0))
    throw problem("MODEL_CONFIG_INVALID", { detail: `rope_theta is ${theta}, expected above 0` });
  const partial = readNumber({ ...config, ...joined }, "partial_rotary_factor", 1);
  if (partial !== 1) {
    throw problem("MODEL_CONFIG_INVALID", {
      detail: `partial_rotary_factor ${partial} is not supported, only 1`,
    });
  }
  return { theta, scaling: readScaling(joined, config) };
}

function readScaling(rope: Config, config: Config): Rope["scaling"] {
  const kind = rope["rope_type"] ?? rope["type"] ?? "default";
  const context = readNumber(config, "max_position_embeddings", 2048);
  const factor = readNumber(rope, "factor", 1);
  switch (kind) {
    case "default":
    // applies only to rows beyond the trained context, which the engine rejects
    case "dynamic":
      return { kind: "none" };
    case "linear":
      return { kind: "linear", factor };
    case "llama3":
      return {
        kind: "llama3",
        factor,
        lowFrequencyFactor: readNumber(rope, "low_freq_factor", 1),
        highFrequencyFactor: readNumber(rope, "high_freq_factor", 4),
        originalLength: readNumber(rope, "original_max_position_embeddings", context),
      };
    case "yarn":
      return {
        kind: "yarn",
        factor,
        betaFast: readNumber(rope, "beta_fast", 32),
        betaSlow: readNumber(rope, "beta_slow", 1),
        attentionFactor: yarnAttentionFactor(rope, factor),
        originalLength: readNumber(rope, "original_max_position_embeddings", context),
        truncate: readFlag(rope, "truncate", true),
      };
    default:
      throw problem("MODEL_CONFIG_INVALID", {
        detail: `rope scaling "${String(kind)}" is not supported; known: default, dynamic, linear, llama3, yarn`,
      });
  }
}

/**
 * Scores sharpen as the context is stretched: 0.1 m ln(s) + 1, as a factor on cosines and sines.
 *
 * @source Peng et al. 2023 (arXiv 2309.00071), section 3.4
 */
function yarnAttentionFactor(rope: Config, factor: number): number {
  const given = readOptionalNumber(rope, "attention_factor", null);
  if (given !== null) return given;
  const scaled = (strength: number): number => (factor <= 1 ? 1 : 0.1 * strength * Math.log(factor) + 1);
  const mscale = readOptionalNumber(rope, "mscale", null);
  const mscaleAll = readOptionalNumber(rope, "mscale_all_dim", null);
  return mscale !== null && mscaleAll !== null ? scaled(mscale) / scaled(mscaleAll) : scaled(1);
}
