/**
 * @file Valid ranges of the numbers in a model's configuration, for all families. A number outside them is a sign of
 *   damage or an attack, and would cause a wrong result or an unbounded allocation.
 */
import { families } from "../families/index.ts";
import { problem } from "../problem/index.ts";

/** A parsed JSON object. */
export type Config = Readonly<Record<string, unknown>>;

/** Bounds of a number, and whether it must be an integer. */
interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** Whether the minimum itself is excluded. */
  readonly exclusive?: true;
  readonly integer?: true;
}

const counts = (max: number, min = 1): NumberRange => ({ min, max, integer: true });
const above0 = (max: number): NumberRange => ({ min: 0, max, exclusive: true });

/** Sizes beyond any model in use. */
export const sizeLimits: Readonly<Record<"layers" | "width" | "vocabulary" | "contextLength", number>> = {
  layers: 1_000,
  width: 1 << 20,
  vocabulary: 1 << 22,
  contextLength: 1 << 27,
};

const usualRanges: Readonly<Record<string, NumberRange>> = {
  vocab_size: counts(sizeLimits.vocabulary),
  hidden_size: counts(sizeLimits.width),
  intermediate_size: counts(sizeLimits.width),
  moe_intermediate_size: counts(sizeLimits.width),
  num_hidden_layers: counts(sizeLimits.layers),
  num_attention_heads: counts(sizeLimits.width),
  num_key_value_heads: counts(sizeLimits.width),
  head_dim: counts(sizeLimits.width),
  max_position_embeddings: counts(sizeLimits.contextLength),
  sliding_window: counts(sizeLimits.contextLength),
  max_window_layers: counts(sizeLimits.layers, 0),
  decoder_sparse_step: counts(sizeLimits.layers),
  num_experts: counts(4_096, 0), // 0: a dense model of a family with experts
  num_experts_per_tok: counts(4_096, 0),
  rms_norm_eps: above0(1),
  layer_norm_eps: above0(1),
  layer_norm_epsilon: above0(1),
  query_pre_attn_scalar: above0(sizeLimits.width),
  attn_logit_softcapping: above0(1e9),
  final_logit_softcapping: above0(1e9),
  embedding_multiplier: above0(1e6),
  attention_multiplier: above0(1e6),
  residual_multiplier: above0(1e6),
  logits_scaling: above0(1e6),
  sliding_window_pattern: counts(sizeLimits.layers),
  no_rope_layer_interval: counts(sizeLimits.layers),
  rope_theta: above0(1e15),
  rope_local_base_freq: above0(1e15),
  partial_rotary_factor: above0(1),
  factor: above0(1e6),
  low_freq_factor: above0(1e6),
  high_freq_factor: above0(1e6),
  beta_fast: above0(1e6),
  beta_slow: above0(1e6),
  attention_factor: above0(1e6),
  original_max_position_embeddings: counts(sizeLimits.contextLength),
};

/**
 * Ranges by field name in `config.json` of transformers, including families' own names and the fields in `rope_scaling`
 * and `rope_parameters`.
 *
 * @source huggingface/transformers src/transformers/configuration_utils.py and modeling_rope_utils.py
 */
export const numberRanges: Readonly<Record<string, NumberRange>> = {
  ...usualRanges,
  ...Object.fromEntries(
    Object.values(families).flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([usual, own]) => {
        const range = usualRanges[usual];
        return range === undefined ? [] : [[own, range] as const];
      }),
    ),
  ),
};

/** Whether a number is in a range. */
export function isInRange(value: number, { min, max, exclusive, integer }: NumberRange): boolean {
  if (integer && !Number.isInteger(value)) return false;
  return value <= max && (exclusive ? value > min : value >= min);
}

/** The range as text. */
export function rangeText({ min, max, exclusive, integer }: NumberRange): string {
  return `${integer ? "a whole number" : "a number"} ${exclusive ? "above" : "from"} ${min} ${exclusive ? "and up " : ""}to ${max}`;
}

/**
 * Checks every number of a configuration whose name is known, including nested parts. Missing and non-numeric fields
 * are left to their readers.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID` for the first number out of its range
 */
export function checkConfigNumbers(config: Config): void {
  for (const part of [config, config["rope_scaling"], config["rope_parameters"], config["text_config"]]) {
    if (typeof part !== "object" || part === null) continue;
    for (const [field, range] of Object.entries(numberRanges)) {
      const value = (part as Config)[field];
      if (typeof value !== "number" || isInRange(value, range)) continue;
      throw problem("MODEL_CONFIG_INVALID", { detail: `${field} is ${value}, expected ${rangeText(range)}` });
    }
  }
}
