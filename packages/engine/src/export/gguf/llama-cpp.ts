/**
 * @file Compares what llama.cpp computes for each family with what the model computes.
 *
 * llama.cpp hard-codes per architecture some values that a `config.json` can vary. Models that it would load but
 * compute differently are rejected.
 *
 * @source ggml-org/llama.cpp src/models/{llama,qwen2,qwen3,gemma2}.cpp (biases, windows, caps, scales of queries),
 *   src/llama-context.cpp and ggml/src/ggml-cpu/ops.cpp `ggml_rope_yarn_corr_dims` (yarn)
 */

import { type FamilyName, families, type GgufRules } from "../../families/index.ts";
import type { Architecture } from "../../models/architecture.ts";
import { rotaryFrequencies } from "../../models/rope.ts";
import { unfit } from "../export-plan.ts";

/** A model in terms of llama.cpp. */
export interface LlamaCppView {
  /** `general.architecture` */
  readonly architecture: string;
  /** Number of tokens up to which llama.cpp and the engine compute the same. */
  readonly contextLength: number;
  /** Factor on query weights that compensates for a fixed scale of scores; 1 for most models. */
  readonly queryFactor: number;
  /** `rope_freqs.weight`, `[E/2]`: a factor on each wavelength. */
  readonly ropeFactors: Float32Array | null;
  readonly notes: readonly string[];
  /** Notes for a file that does not state its own context length. */
  readonly adapterNotes: readonly string[];
}

/**
 * Describes a model in terms of llama.cpp.
 *
 * @throws {TunewiseError} `EXPORT_UNSUPPORTED` if llama.cpp computes it differently
 */
export function llamaCppView(model: Architecture, format: string): LlamaCppView {
  const { gguf } = families[model.family];
  if (gguf === null) {
    const known = Object.entries(families)
      .flatMap(([name, row]) => (row.gguf === null ? [] : [name]))
      .join(", ");
    throw unfit(format, `it is written for ${known}, not for ${model.family}`, "--format merged");
  }
  const reason = whyNot(model, gguf);
  if (reason !== null) throw unfit(format, `llama.cpp's ${model.family} ${reason}`, "--format merged");
  const windows = gguf.windows === "even" ? [] : model.windows;
  const window = Math.min(...windows.map((one) => one ?? Number.POSITIVE_INFINITY));
  const isShort = window < model.contextLength;
  return {
    architecture: gguf.written,
    contextLength: isShort ? window : model.contextLength,
    queryFactor: queryFactor(model, gguf),
    ropeFactors: stretched(model),
    ...windowNotes(model.family, isShort ? window : null),
  };
}

function windowNotes(
  family: FamilyName,
  window: number | null,
): Pick<LlamaCppView, "notes" | "adapterNotes"> {
  if (window === null) return { notes: [], adapterNotes: [] };
  const lacks = `llama.cpp has no sliding window for ${family}`;
  return {
    notes: [`${lacks}: the file states a context of ${window} tokens, up to which both compute the same`],
    adapterNotes: [`${lacks}: beyond ${window} tokens it computes otherwise`],
  };
}

/** The first difference in what llama.cpp computes, or `null`; completes "llama.cpp's qwen2 ...". */
function whyNot(model: Architecture, gguf: GgufRules): string | null {
  const { family, activation, biases, tied, attentionCap, logitCap } = model;
  const usual = families[family];
  if (activation !== usual.activation) return `does not compute the activation ${activation}`;
  if (gguf.biases !== "all" && (biases.output || biases.feedForward))
    return "has no biases behind attention or in the MLP";
  if (biases.qkv && gguf.biases === "none") return "has no biases on queries, keys and values";
  if (!tied && !gguf.ownHead) return "has no output matrix of its own";
  const { scores = null, logits = null } = usual.softCaps ?? {};
  if ((scores !== null && attentionCap === null) || (logits !== null && logitCap === null))
    return "always caps scores and logits";
  return gguf.windows === "even" && !alternates(model)
    ? "has its sliding window in every other layer"
    : ropeReason(model, gguf);
}

function ropeReason({ ropes: [rope] }: Architecture, { llama3Rope }: GgufRules): string | null {
  const scaling = rope?.scaling ?? { kind: "none" };
  if (scaling.kind === "llama3" && !llama3Rope) return "does not know the RoPE scaling llama3";
  if (scaling.kind !== "yarn") return null;
  const usual = 0.1 * Math.log(scaling.factor) + 1;
  if (Math.abs(scaling.attentionFactor - usual) > 1e-6 * usual) {
    return `computes yarn with the attention factor ${usual.toPrecision(4)} and no other`;
  }
  return scaling.truncate ? null : "rounds the bounds of yarn to whole pairs";
}

/** Even layers with one sliding window, odd ones without, as published. */
function alternates({ windows }: Architecture): boolean {
  return windows.every((window, layer) => window === (layer % 2 === 0 ? windows[0] : null));
}

/** Scores are linear in the queries, so a scale that llama.cpp fixes can be compensated in the query weights. */
function queryFactor(
  { layers, hidden, heads, headWidth, attentionScale }: Architecture,
  { hiddenScaleLayers }: GgufRules,
): number {
  if (hiddenScaleLayers === null) return 1;
  const fixed = 1 / Math.sqrt(layers === hiddenScaleLayers ? Math.floor(hidden / heads) : headWidth);
  const factor = attentionScale / fixed;
  return Math.abs(factor - 1) < 1e-6 ? 1 : factor;
}

/** Llama 3's RoPE scaling as factors on wavelengths. */
function stretched({ ropes: [rope] }: Architecture): Float32Array | null {
  if (rope?.scaling.kind !== "llama3") return null;
  const plain = rotaryFrequencies({ ...rope, scaling: { kind: "none" } });
  const scaled = rotaryFrequencies(rope);
  return Float32Array.from(plain, (frequency, pair) => frequency / (scaled[pair] as number));
}
