/** @file Reads an untrusted `config.json` into an `Architecture`. */

import {
  computedFamilies,
  type EngineRules,
  type FamilyLayers,
  type FamilyName,
  families,
  isFamily,
} from "../families/index.ts";
import { problem } from "../problem/index.ts";
import { type Config, sizeLimits } from "../weights/index.ts";
import type { Architecture, Rope } from "./architecture.ts";
import {
  readFlag,
  readInteger,
  readList,
  readNumber,
  readOptionalNumber,
  readPart,
  recorded,
} from "./config-fields.ts";

/** A family's layers, and how the engine computes them. */
type FamilyRules = FamilyLayers & EngineRules;

/**
 * The architecture that a parsed `config.json` describes. A field that is neither read nor known to have no effect is
 * rejected, because it could change what the model computes.
 *
 * @throws {TunewiseError} `MODEL_FAMILY_UNKNOWN` for another `model_type`, `MODEL_CONFIG_INVALID` for a field that is
 *   missing, out of bounds, or in conflict with another, `MODEL_CONFIG_FIELD_UNKNOWN` for a field of unknown effect
 * @source huggingface/transformers src/transformers/models/<family>/configuration_*.py, version 5.24
 */
export function readArchitecture(given: Config): Architecture {
  const { family, rules } = readFamily(given);
  const { config, checkAllRead } = recorded(withUsualNames(given, rules));
  const architecture = readFields(config, family, rules);
  checkAllRead(family);
  return architecture;
}

/** Renames fields to their usual names. If a file contains both names of a field, the family's own name wins. */
function withUsualNames(given: Config, { fields }: FamilyRules): Config {
  const usual = new Map(Object.entries(fields).map(([name, own]) => [own, name]));
  const isShadowed = (field: string): boolean => {
    const own = fields[field];
    return own !== undefined && own !== field && Object.hasOwn(given, own);
  };
  return Object.fromEntries(
    Object.entries(given)
      .filter(([field]) => !isShadowed(field))
      .map(([field, value]) => [usual.get(field) ?? field, value]),
  );
}

/** @source Gemma Team 2024 (arXiv 2403.08295): embeddings are scaled by sqrt(D), as in its code */
function readFields(config: Config, family: FamilyName, rules: FamilyRules): Architecture {
  const layers = readInteger(config, "num_hidden_layers", sizeLimits.layers);
  const { hidden, heads, kvHeads, headWidth } = readWidths(config, rules);
  const attentionBias = readFlag(config, "attention_bias", rules.attentionBias);
  const { types, windows } = readLayers(config, rules, layers);
  const { ropes, contextLength } = readRopes(config, rules, types, headWidth);
  const factor = (field: string, isRead: boolean): number => (isRead ? readNumber(config, field, 1) : 1);
  return {
    family,
    layers,
    hidden,
    heads,
    kvHeads,
    headWidth,
    contextLength,
    windows,
    ropes,
    experts: readExperts(config, rules, layers),
    feedForward: readInteger(
      config,
      rules.experts ?? "intermediate_size",
      sizeLimits.width,
      rules.isFourWide ? 4 * hidden : undefined,
    ),
    vocabulary: readInteger(config, "vocab_size", sizeLimits.vocabulary),
    epsilon: readNumber(config, ...rules.epsilon),
    tied: readFlag(config, "tie_word_embeddings", rules.tied),
    norm: rules.norm,
    normOffset: rules.normOffset,
    activation: readActivation(config, rules),
    biases: {
      qkv: attentionBias,
      output: rules.outputBias && attentionBias,
      feedForward: readFlag(config, "mlp_bias", rules.feedForwardBias),
    },
    queryKeyNorms: rules.queryKeyNorms,
    norms: rules.norms,
    parallel: rules.parallel !== null && readFlag(config, "use_parallel_residual", rules.parallel),
    paths: rules.paths,
    headwise: rules.headwise,
    inputsFirst: rules.inputsFirst,
    names: rules.names,
    attentionScale: readAttentionScale(config, rules, headWidth),
    attentionCap:
      rules.softCaps && readOptionalNumber(config, "attn_logit_softcapping", rules.softCaps.scores),
    logitCap: rules.softCaps && readOptionalNumber(config, "final_logit_softcapping", rules.softCaps.logits),
    logitScale: 1 / factor("logits_scaling", rules.multipliers),
    residualScale: factor("residual_multiplier", rules.multipliers),
    embeddingScale:
      rules.embeddingScale === "root"
        ? Math.sqrt(hidden)
        : factor("embedding_multiplier", rules.embeddingScale !== "none"),
  };
}

/** The mixture of experts, which must be the same in all layers. */
function readExperts(config: Config, { experts }: FamilyRules, layers: number): Architecture["experts"] {
  if (experts === null) return null;
  const count = readInteger(config, "num_experts", maxExperts);
  const active = readInteger(config, "num_experts_per_tok", count);
  const step = readInteger(config, "decoder_sparse_step", layers, 1);
  if (step !== 1)
    throw invalid(`decoder_sparse_step is ${step}; only layers that all have experts are computed`);
  // marks the field as read; it applies only to layers without experts, and there are none
  readInteger(config, "intermediate_size", sizeLimits.width, 1);
  return { count, active, isNormalized: readFlag(config, "norm_topk_prob", false) };
}

/** Maximum number of experts, above any model in use; each one adds three inputs to a layer's program. */
const maxExperts = 1024;

function readFamily(config: Config): { readonly family: FamilyName; readonly rules: FamilyRules } {
  const found = String(config["model_type"] ?? "missing");
  const engine = isFamily(found) ? families[found].engine : null;
  if (!isFamily(found) || engine === null)
    throw problem("MODEL_FAMILY_UNKNOWN", { found, known: computedFamilies.join(", ") });
  return { family: found, rules: { ...families[found], ...engine } };
}

function readWidths(
  config: Config,
  rules: FamilyRules,
): Pick<Architecture, "hidden" | "heads" | "kvHeads" | "headWidth"> {
  const heads = readInteger(config, "num_attention_heads", sizeLimits.width);
  const hidden = readInteger(config, "hidden_size", sizeLimits.width);
  const stated = readInteger(config, "num_key_value_heads", sizeLimits.width, heads);
  const kvHeads = rules.groupedHeads ? stated : heads;
  const headWidth = readInteger(config, "head_dim", sizeLimits.width, rules.headWidth ?? hidden / heads);
  if (heads % kvHeads !== 0) {
    throw invalid(`num_attention_heads (${heads}) is not divisible by num_key_value_heads (${kvHeads})`);
  }
  if (headWidth % 2 !== 0 && rules.names.positions === null) {
    throw invalid(`head_dim (${headWidth}) must be even for rotary positions`);
  }
  return { hidden, heads, kvHeads, headWidth };
}

/** @source huggingface/transformers: inverse root of a width, Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1 */
function readAttentionScale(config: Config, { attentionScale }: FamilyRules, headWidth: number): number {
  if (attentionScale === "head_dim") return 1 / Math.sqrt(headWidth);
  if (attentionScale === "scale_attn_weights") {
    return readFlag(config, attentionScale, true) ? 1 / Math.sqrt(headWidth) : 1;
  }
  if (attentionScale === "attention_multiplier") return readNumber(config, attentionScale, 1);
  return 1 / Math.sqrt(readNumber(config, attentionScale, 256));
}

function readActivation(config: Config, rules: FamilyRules): Architecture["activation"] {
  const [named, older] = [config["hidden_activation"], config["hidden_act"]];
  const found = named ?? older ?? null;
  if (found === null) return rules.activation;
  if (found === "gelu" && rules.geluIsTanh) return "gelu-tanh";
  const known = activations.get(String(found));
  if (known === undefined)
    throw invalid(`hidden_act is "${String(found)}"; known: ${[...activations.keys()].join(", ")}`);
  return known;
}

/** Names in transformers. @source huggingface/transformers src/transformers/activations.py */
const activations: ReadonlyMap<string, Architecture["activation"]> = new Map([
  ["silu", "silu"],
  ["swish", "silu"],
  ["gelu", "gelu"],
  ["gelu_new", "gelu-tanh"],
  ["gelu_fast", "gelu-tanh"],
  ["gelu_pytorch_tanh", "gelu-tanh"],
]);

const layerTypes = ["full_attention", "sliding_attention"] as const;

/** Whether a layer attends to all preceding tokens, or only to those in its window. */
type LayerType = (typeof layerTypes)[number];

interface LayerTypes {
  readonly types: readonly { readonly type: LayerType; readonly hasRope: boolean }[];
  readonly windows: Architecture["windows"];
}

/** Sliding windows and positions of the layers: by `layer_types` if given, otherwise by the family's rule. */
function readLayers(config: Config, rules: FamilyRules, layers: number): LayerTypes {
  const hasRope = readRopeLayers(config, rules, layers);
  const window = readOptionalNumber(config, "sliding_window", rules.window);
  const ruled = slidingByRule(config, rules, layers, hasRope);
  const given = readList(config, "layer_types", layers, (type) => layerTypes.find((known) => known === type));
  const types = Array.from({ length: layers }, (_, layer) => ({
    type: given?.[layer] ?? (window !== null && ruled(layer) ? "sliding_attention" : "full_attention"),
    hasRope: hasRope(layer),
  }));
  if (types.some(({ type }) => type === "sliding_attention") && window === null) {
    throw invalid('layer_types has "sliding_attention", but sliding_window is missing');
  }
  return { types, windows: types.map(({ type }) => (type === "sliding_attention" ? window : null)) };
}

function slidingByRule(
  config: Config,
  rules: FamilyRules,
  layers: number,
  hasRope: (layer: number) => boolean,
): (layer: number) => boolean {
  // only used by the rule `pattern`; defaults: Gemma 2 alternates, Gemma 3 has full attention in one layer of six
  const pattern = readInteger(
    { sliding_window_pattern: config["sliding_window_pattern"] ?? config["_sliding_window_pattern"] },
    "sliding_window_pattern",
    sizeLimits.layers,
    rules.localRopeTheta === null ? 2 : 6,
  );
  const first = readNumber(config, "max_window_layers", layers);
  const isSwitchedOn = readFlag(config, "use_sliding_window", false);
  const byRule: Readonly<Record<FamilyRules["windows"], (layer: number) => boolean>> = {
    none: () => false,
    all: () => true,
    upper: (layer) => isSwitchedOn && layer >= first,
    pattern: (layer) => (layer + 1) % pattern !== 0,
    switched: (layer) => isSwitchedOn && !hasRope(layer),
  };
  return byRule[rules.windows];
}

/** Which layers have positions. */
function readRopeLayers(config: Config, rules: FamilyRules, layers: number): (layer: number) => boolean {
  if (!rules.someWithoutRope) return () => true;
  const interval = readInteger(config, "no_rope_layer_interval", sizeLimits.layers, 4);
  const given = readList(config, "no_rope_layers", layers, (value) =>
    value === 0 || value === 1 ? value : undefined,
  );
  return (layer) => (given ? given[layer] === 1 : (layer + 1) % interval !== 0);
}

/**
 * Rotations of the layers: `rope_theta` with `rope_scaling`, or `rope_parameters` of transformers 5, which contains
 * both, for all layers or by layer type.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID` for a scaling the engine does not support
 * @source huggingface/transformers src/transformers/modeling_rope_utils.py
 */
function readRopes(
  config: Config,
  rules: FamilyRules,
  layers: LayerTypes["types"],
  headWidth: number,
): Pick<Architecture, "ropes" | "contextLength"> {
  const context = readInteger(config, "max_position_embeddings", sizeLimits.contextLength, 2048);
  if (rules.names.positions !== null) {
    const none: Rope = { theta: rules.ropeTheta, width: 0, scaling: { kind: "absent" } };
    return { ropes: layers.map(() => none), contextLength: context };
  }
  const newer = readPart(config, "rope_parameters");
  const joined = newer ?? readPart(config, "rope_scaling") ?? {};
  const own = (type: LayerType): Config | null => readPart(joined, type);
  const theta = readNumber(config, "rope_theta", rules.ropeTheta);
  const around = { config, rules, context, headWidth };
  const whole = readRope(own("full_attention") ?? joined, theta, around);
  const localTheta =
    rules.localRopeTheta === null ? theta : readNumber(config, "rope_local_base_freq", rules.localRopeTheta);
  const local =
    rules.localRopeTheta === null ? whole : readRope(own("sliding_attention") ?? {}, localTheta, around);
  const absent: Rope = { ...whole, scaling: { kind: "absent" } };
  const byType = { full_attention: whole, sliding_attention: local };
  return {
    ropes: layers.map(({ type, hasRope }) => (hasRope ? byType[type] : absent)),
    // longer rows would use other factors, for all their tokens
    contextLength:
      whole.scaling.kind === "longrope" ? Math.min(context, whole.scaling.originalLength) : context,
  };
}

/** Settings of the model that affect how a rotation is read. */
interface RopeSurroundings {
  readonly config: Config;
  readonly rules: FamilyRules;
  readonly context: number;
  readonly headWidth: number;
}

function readRope(rope: Config, fallbackTheta: number, around: RopeSurroundings): Rope {
  const { config, rules, headWidth } = around;
  const theta = readNumber(rope, "rope_theta", fallbackTheta);
  if (!(theta > 0)) throw invalid(`rope_theta is ${theta}, expected above 0`);
  const field = "partial_rotary_factor";
  const partial = readNumber(rope, field, readNumber(config, field, rules.partialRotation ?? 1));
  if (partial !== 1 && rules.partialRotation === null)
    throw invalid(`${field} ${partial} is not supported, only 1`);
  const width = Math.floor(headWidth * partial);
  if (width < 2 || width > headWidth || width % 2 !== 0) {
    throw invalid(
      `${field} ${partial} of head_dim ${headWidth} gives ${width} values, expected an even number`,
    );
  }
  return { theta, width, scaling: readScaling(rope, around, width) };
}

function readScaling(rope: Config, around: RopeSurroundings, width: number): Rope["scaling"] {
  const [newer, older] = [rope["rope_type"], rope["type"]];
  const kind = newer ?? older ?? "default";
  const factor = readNumber(rope, "factor", 1);
  const field = "original_max_position_embeddings";
  const originalLength = readNumber(around.config, field, readNumber(rope, field, around.context));
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
        originalLength,
        lowFrequencyFactor: readNumber(rope, "low_freq_factor", 1),
        highFrequencyFactor: readNumber(rope, "high_freq_factor", 4),
      };
    case "yarn":
      return {
        kind: "yarn",
        factor,
        originalLength,
        betaFast: readNumber(rope, "beta_fast", 32),
        betaSlow: readNumber(rope, "beta_slow", 1),
        attentionFactor: yarnAttentionFactor(rope, factor),
        truncate: readFlag(rope, "truncate", true),
      };
    // older name of longrope
    case "su":
    case "longrope":
      return readLongRope(rope, width / 2, originalLength, around.context);
    default:
      throw invalid(
        `rope scaling "${String(kind)}" is not supported; known: default, dynamic, linear, llama3, longrope, yarn`,
      );
  }
}

/**
 * Factors for rows up to the original length, which is the engine's limit; longer rows would use other factors.
 *
 * @source Ding et al. 2024 (arXiv 2402.13753); the factor on scores as in huggingface/transformers
 *   src/transformers/modeling_rope_utils.py `_compute_longrope_parameters`: sqrt(1 + ln s / ln L)
 */
function readLongRope(rope: Config, pairs: number, originalLength: number, context: number): Rope["scaling"] {
  const positive = (value: unknown): number | undefined =>
    typeof value === "number" && value > 0 && Number.isFinite(value) ? value : undefined;
  const factors = readList(rope, "short_factor", pairs, positive);
  if (factors === null) throw invalid(`longrope has no short_factor, expected ${pairs} numbers`);
  readList(rope, "long_factor", pairs, positive);
  const factor = readOptionalNumber(rope, "factor", null) ?? context / originalLength;
  const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalLength));
  const attentionFactor = readOptionalNumber(rope, "attention_factor", null) ?? usual;
  return { kind: "longrope", factors, attentionFactor, originalLength };
}

/**
 * Factor on cosines and sines that sharpens scores when the context is extended: 0.1 m ln(s) + 1.
 *
 * @source Peng et al. 2023 (arXiv 2309.00071), section 3.4
 */
function yarnAttentionFactor(rope: Config, factor: number): number {
  const given = readOptionalNumber(rope, "attention_factor", null);
  const mscale = readOptionalNumber(rope, "mscale", null);
  const mscaleAll = readOptionalNumber(rope, "mscale_all_dim", null);
  if (given !== null) return given;
  const scaled = (strength: number): number => (factor <= 1 ? 1 : 0.1 * strength * Math.log(factor) + 1);
  return mscale !== null && mscaleAll !== null ? scaled(mscale) / scaled(mscaleAll) : scaled(1);
}

function invalid(detail: string): Error {
  return problem("MODEL_CONFIG_INVALID", { detail });
}
