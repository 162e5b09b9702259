/** @file Converts a `config.json` into a model description. The file is untrusted, and all issues are collected. */
import { type FamilyLayers, families, isFamily } from "@tunewise/engine/families";
import type { Finding } from "../problem/index.ts";
import { type DeclaredWeight, describeWeights } from "./describe-weights.ts";
import { type ModelDescription, type ModelShape, modelFrom } from "./model.ts";

type Config = Readonly<Record<string, unknown>>;

/** A model description, or the findings that prevent it. A description may come with warnings. */
export interface DescribedModel {
  readonly model: ModelDescription | null;
  readonly findings: readonly Finding[];
  /** Missing or invalid fields, with the reason. */
  readonly missing: readonly string[];
}

/** Limits beyond any model in use; larger values are invalid. */
const limits = { layers: 1_000, width: 1 << 20, vocabulary: 1 << 22, contextLength: 1 << 27, experts: 4_096 };
/** Max. relative difference between the computed and the declared parameter count. */
const countTolerance = 0.02;

/** Layers that are assumed of an unknown family; a finding reports the assumption. */
const assumed: FamilyLayers = families.llama;

/**
 * Other names of fields in the `config.json` of unknown families.
 *
 * @source huggingface/transformers src/transformers/models/*\/configuration_*.py, `attribute_map`, version 5.24
 */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  hidden_size: ["n_embd", "d_model"],
  num_hidden_layers: ["n_layer", "n_layers", "num_layers"],
  num_attention_heads: ["n_head", "n_heads"],
  intermediate_size: ["n_inner", "ffn_dim", "ffn_hidden_size"],
  max_position_embeddings: ["n_positions", "seq_length", "max_seq_len"],
  num_experts: ["num_local_experts", "n_routed_experts"],
  num_experts_per_tok: ["moe_topk", "moe_k"],
};

/**
 * Describes a model for planning.
 *
 * Findings: `ARCHITECTURE_FIELDS_MISSING` (error, no description), `ARCHITECTURE_UNKNOWN` (warning: unknown family, a
 * Llama-like layer is assumed).
 *
 * @param given parsed `config.json`, or the same keys from other metadata
 * @param weights declared by the model's files, if it has any: projections and counts of an unknown family
 */
export function describeModel(given: Config, weights: Iterable<DeclaredWeight> = []): DescribedModel {
  const stated = withText(given);
  const family = typeof stated["model_type"] === "string" ? stated["model_type"].slice(0, 60) : "missing";
  const known = isFamily(family) ? families[family] : null;
  const kind = known ?? assumed;
  const config = withUsualNames(stated, kind);
  const { shape, issues } = readShape(known && !known.isFourWide ? config : withUsualWidths(config), kind);
  const findings: Finding[] = [];
  if (!known) findings.push(unknownFamily(family));
  if (issues.length > 0) {
    findings.push(missingFields(issues));
    return { model: null, findings, missing: issues };
  }
  const model = modelFrom(family, kind, shape);
  return { model: known ? model : describeWeights(model, weights), findings, missing: [] };
}

/** The configuration of the text model, if it is part of a larger one. */
function withText(given: Config): Config {
  const text = given["text_config"];
  return typeof text === "object" && text !== null ? { ...given, ...text } : given;
}

/** Adds the usual names of fields that the file has under other names. */
function withUsualNames(config: Config, { fields }: FamilyLayers): Config {
  const own = Object.entries(fields).map(([field, name]) => [field, [name]] as const);
  const named = [...Object.entries(otherNames), ...own].flatMap(([field, others]) => {
    const other = others.find((name) => (config[name] ?? null) !== null);
    return (config[field] ?? null) === null && other !== undefined ? [[field, config[other]] as const] : [];
  });
  return { ...config, ...Object.fromEntries(named) };
}

/** Fills in widths that configurations omit: one head if there is no attention, and 4 D for the feed-forward. */
function withUsualWidths(config: Config): Config {
  const hidden = config["hidden_size"];
  const wide = typeof hidden === "number" ? { intermediate_size: 4 * hidden } : {};
  // if a file has GPT-2's own name, only that one counts
  const own = Object.hasOwn(config, "n_inner") ? { intermediate_size: config["n_inner"] } : {};
  const stated = Object.entries({ ...config, ...own }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return { num_attention_heads: 1, ...wide, ...Object.fromEntries(stated) };
}

/**
 * Compares the computed parameter count with the one declared by the weight files.
 *
 * Finding: `PARAMETER_COUNT_DIFFERS` (error) above 2 %: the layers differ from the formula, so memory and time would be
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
      where: [],
      count: 1,
      title: "the model is not built as its configuration says",
      detail: `"${model.family}" should have ${total} parameters, the weight files hold ${declared}.`,
      fix: "Use a model of a known family, or the config.json that belongs to these weights.",
    },
  ];
}

/** Reads the widths; if any field is missing or out of bounds, the shape must not be used. */
function readShape(config: Config, kind: FamilyLayers): { shape: ModelShape; issues: string[] } {
  const issues: string[] = [];
  const integer = (field: string, limit: number, fallback?: number): number => {
    const value = config[field] ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= limit) return value;
    issues.push(value === undefined ? `${field} (missing)` : `${field} (not from 1 to ${limit})`);
    return 1;
  };
  const flag = (field: string, fallback: boolean): boolean => {
    const value = config[field] ?? fallback;
    if (typeof value !== "boolean") issues.push(`${field} (not true or false)`);
    return value === true;
  };
  const hidden = integer("hidden_size", limits.width);
  const heads = integer("num_attention_heads", limits.width);
  const kvHeads = kind.groupedHeads ? integer("num_key_value_heads", limits.width, heads) : heads;
  // Do not report fields that depend on a missing width.
  const areWidthsKnown = issues.length === 0;
  if (areWidthsKnown && heads % kvHeads !== 0) {
    issues.push(`num_attention_heads (${heads} is not divisible by num_key_value_heads, ${kvHeads})`);
  }
  // dense models of a family with experts state 0
  const experts = config["num_experts"] === 0 ? 1 : integer("num_experts", limits.experts, 1);
  const defaultHeadWidth = kind.headWidth ?? hidden / heads;
  const shape = {
    layers: integer("num_hidden_layers", limits.layers),
    hidden,
    heads,
    kvHeads,
    headWidth: areWidthsKnown ? integer("head_dim", limits.width, defaultHeadWidth) : 1,
    feedForward: integer(feedForwardField(config), limits.width),
    vocabulary: integer("vocab_size", limits.vocabulary),
    contextLength: integer("max_position_embeddings", limits.contextLength, 2048),
    tied: flag("tie_word_embeddings", kind.tied),
    attentionBias: flag("attention_bias", kind.attentionBias),
    feedForwardBias: flag("mlp_bias", kind.feedForwardBias),
    experts,
    activeExperts: experts === 1 ? 1 : Math.min(experts, integer("num_experts_per_tok", limits.experts, 1)),
  };
  return { shape, issues };
}

/** Experts have their own width if the file states one. */
function feedForwardField(config: Config): string {
  return "moe_intermediate_size" in config ? "moe_intermediate_size" : "intermediate_size";
}

function unknownFamily(family: string): Finding {
  return {
    code: "ARCHITECTURE_UNKNOWN",
    severity: "warning",
    title: "unknown model family",
    detail: `"${family}" is none of ${Object.keys(families).join(", ")}; layers like Llama's are assumed, with the widths of its files where there are any.`,
    where: [],
    count: 1,
    fix: "Compare the parameter count with the model's page before trusting the plan.",
  };
}

function missingFields(issues: readonly string[]): Finding {
  return {
    code: "ARCHITECTURE_FIELDS_MISSING",
    severity: "error",
    title: "the model's configuration does not describe it",
    detail: `config.json lacks what a plan needs: ${issues.join(", ")}.`,
    where: [],
    count: issues.length,
    fix: "Use the config.json that was published with the weights.",
  };
}
