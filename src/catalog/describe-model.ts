/**
 * @file From a `config.json` to a model description; nothing in the file is trusted, all complaints are
 *   collected.
 */
import type { Finding } from "../problem/index.ts";
import { assumedFamily, type FamilyKind, families } from "./families.ts";
import { type ModelDescription, type ModelShape, modelFrom } from "./model.ts";

type Config = Readonly<Record<string, unknown>>;

/** A description, or the reasons why there is none. A warning may come with a description. */
export interface DescribedModel {
  readonly model: ModelDescription | null;
  readonly findings: readonly Finding[];
  /** Fields that are missing or cannot be used, with why. */
  readonly missing: readonly string[];
}

/** Sizes beyond any model in use: a larger one in a file is a lie or a mistake. */
const most = { layers: 1_000, width: 1 << 20, vocabulary: 1 << 22, contextLength: 1 << 27, experts: 4_096 };
/** Difference between formula and file above which the layer is not the one the formula describes. */
const countTolerance = 0.02;

/**
 * Describes a model for planning.
 *
 * Findings: `ARCHITECTURE_FIELDS_MISSING` (error, no description), `ARCHITECTURE_UNKNOWN` (warning: the
 * family is not
 * in the table and a Llama-like layer is assumed).
 *
 * @param config `config.json`, parsed; or the same keys built from other metadata
 */
export function describeModel(config: Config): DescribedModel {
  const family = typeof config["model_type"] === "string" ? config["model_type"].slice(0, 60) : "missing";
  const kind = families.get(family) ?? assumedFamily;
  const { shape, complaints } = readShape(config, kind);
  const findings: Finding[] = [];
  if (!families.has(family)) findings.push(unknownFamily(family));
  if (complaints.length > 0) {
    findings.push(missingFields(complaints));
    return { model: null, findings, missing: complaints };
  }
  return { model: modelFrom(family, kind, shape), findings, missing: [] };
}

/**
 * Compares the formula's parameter count with the one the weight files declare.
 *
 * Finding: `PARAMETER_COUNT_DIFFERS` (error) above 2 %: another kind of layer, so memory and time would be
 * wrong.
 *
 * @param declared sum of the sizes of the distinct tensors in the files
 */
export function checkParameterCount(model: ModelDescription, declared: number): Finding[] {
  const { total } = model.parameters;
  const difference = Math.abs(total - declared) / declared;
  if (difference <= countTolerance) return [];
  return [
    {
      code: "PARAMETER_COUNT_DIFFERS",
      severity: "error",
      title: "the model is not built as its configuration says",
      detail: `"${model.family}" should have ${total} parameters, the weight files hold ${declared}.`,
      where: [],
      count: 1,
      fix: "Use a model of a known family, or the config.json that belongs to these weights.",
    },
  ];
}

/**
 * Reads the widths; fields that are missing or out of bounds are named, and the shape is then not to be used.
 */
function readShape(config: Config, kind: FamilyKind): { shape: ModelShape; complaints: string[] } {
  const complaints: string[] = [];
  const whole = (field: string, limit: number, fallback?: number): number => {
    const value = config[field] ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= limit) return value;
    complaints.push(value === undefined ? `${field} (missing)` : `${field} (not from 1 to ${limit})`);
    return 1;
  };
  const flag = (field: string, fallback: boolean): boolean => {
    const value = config[field] ?? fallback;
    if (typeof value !== "boolean") complaints.push(`${field} (not true or false)`);
    return value === true;
  };
  const hidden = whole("hidden_size", most.width);
  const heads = whole("num_attention_heads", most.width);
  const kvHeads = whole("num_key_value_heads", most.width, heads);
  // What follows from a missing width is not named as well.
  const areWidthsKnown = complaints.length === 0;
  if (areWidthsKnown && heads % kvHeads !== 0) {
    complaints.push(`num_attention_heads (${heads} is not divisible by num_key_value_heads, ${kvHeads})`);
  }
  const experts = whole("num_local_experts" in config ? "num_local_experts" : "num_experts", most.experts, 1);
  const usualHeadWidth = kind.headWidth === "hidden / heads" ? hidden / heads : kind.headWidth;
  const shape = {
    layers: whole("num_hidden_layers", most.layers),
    hidden,
    heads,
    kvHeads,
    headWidth: areWidthsKnown ? whole("head_dim", most.width, usualHeadWidth) : 1,
    feedForward: whole(feedForwardField(config), most.width),
    vocabulary: whole("vocab_size", most.vocabulary),
    contextLength: whole("max_position_embeddings", most.contextLength, 2048),
    tied: flag("tie_word_embeddings", kind.tied),
    attentionBias: flag("attention_bias", kind.attentionBias),
    feedForwardBias: flag("mlp_bias", kind.feedForwardBias),
    experts,
    activeExperts: Math.min(experts, whole("num_experts_per_tok", most.experts, 1)),
  };
  return { shape, complaints };
}

/** Experts have a width of their own where the file states one. */
function feedForwardField(config: Config): string {
  return "moe_intermediate_size" in config ? "moe_intermediate_size" : "intermediate_size";
}

function unknownFamily(family: string): Finding {
  return {
    code: "ARCHITECTURE_UNKNOWN",
    severity: "warning",
    title: "unknown model family",
    detail: `"${family}" is none of ${[...families.keys()].join(", ")}; a Llama-like layer is assumed.`,
    where: [],
    count: 1,
    fix: "Compare the parameter count with the model's page before trusting the plan.",
  };
}

function missingFields(complaints: readonly string[]): Finding {
  return {
    code: "ARCHITECTURE_FIELDS_MISSING",
    severity: "error",
    title: "the model's configuration does not describe it",
    detail: `config.json lacks what a plan needs: ${complaints.join(", ")}.`,
    where: [],
    count: complaints.length,
    fix: "Use the config.json that was published with the weights.",
  };
}
