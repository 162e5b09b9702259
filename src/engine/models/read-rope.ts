/**
 * @file Reads the rotary part of `config.json`, in the old layout and in that of transformers 5.
 */
import { problem } from "../../problem/index.ts";
import type { Config } from "../../weights/index.ts";
import type { Rope } from "./architecture.ts";
import { readFlag, readNumber, readOptionalNumber } from "./config-fields.ts";

/**
 * Base and scaling: `rope_theta` with `rope_scaling`, or `rope_parameters` that holds both.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID` for a scaling the engine does not know
 * @source huggingface/transformers src/transformers/modeling_rope_utils.py
 */
export function readRope(config: Config): Rope {
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
    // stretches only rows beyond the trained context, which the engine refuses
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
