/** @file The shape of a model, for all supported families. */

import type {
  Activation,
  FamilyName,
  LayerNorms,
  ProjectionPaths,
  Role,
  WeightNames,
} from "../families/index.ts";

/** The description of a decoder-only transformer; symbols as in the style page. */
export interface Architecture {
  readonly family: FamilyName;
  readonly layers: number;
  /** D */
  readonly hidden: number;
  /** H */
  readonly heads: number;
  /** K */
  readonly kvHeads: number;
  /** E */
  readonly headWidth: number;
  /** F, of each expert if there are any */
  readonly feedForward: number;
  /** A mixture of experts in place of the feed-forward; `null` for none. */
  readonly experts: Experts | null;
  /** V */
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly epsilon: number;
  /** Whether the head shares the embedding table. */
  readonly tied: boolean;
  /** 1 if norm weights are stored as w - 1 (Gemma); it is added when weights are read. */
  readonly normOffset: 0 | 1;
  /** RMS norms have a weight; layer norms subtract the mean first, and also have a bias. */
  readonly norm: "rms" | "layer";
  readonly activation: Activation;
  readonly biases: { readonly qkv: boolean; readonly output: boolean; readonly feedForward: boolean };
  /** Whether queries and keys are normalized per head (Qwen3, Gemma 3) or over the complete width (OLMo 2). */
  readonly queryKeyNorms: "none" | "head" | "width";
  /** Norms before and after attention and feed-forward. */
  readonly norms: LayerNorms;
  /** Whether attention and feed-forward run in parallel on the same input (GPT-NeoX). */
  readonly parallel: boolean;
  /** Module path of each projection; roles that share a path are one matrix, in the order of the roles. */
  readonly paths: ProjectionPaths;
  /** Whether a fused matrix stores q, k and v head by head (GPT-NeoX) instead of one after the other. */
  readonly headwise: boolean;
  /** Whether files store projections as `[inputs, outputs]` (GPT-2). */
  readonly inputsFirst: boolean;
  readonly names: WeightNames;
  /** Factor on attention scores. */
  readonly attentionScale: number;
  /** Soft cap of attention scores: s becomes cap tanh(s / cap). */
  readonly attentionCap: number | null;
  readonly logitCap: number | null;
  /** Factor on logits, before they are capped. */
  readonly logitScale: number;
  readonly embeddingScale: number;
  /** Factor on the outputs of attention and feed-forward before they are added to the residual stream. */
  readonly residualScale: number;
  /** Sliding window of each layer: keys a query can attend to, itself included; `null` means all before it. */
  readonly windows: readonly (number | null)[];
  /** Rotation of each layer; layers with the same rotation share the object. */
  readonly ropes: readonly Rope[];
}

/** Experts of a layer: `mlp.experts.N` with gate, up and down each, weighted by the router `mlp.gate`. */
export interface Experts {
  readonly count: number;
  /** Number of experts per token: those with the largest weights. */
  readonly active: number;
  /** Whether the weights of the active experts are normalized to sum to 1. */
  readonly isNormalized: boolean;
}

/** Rotary position embedding and its scaling. */
export interface Rope {
  readonly theta: number;
  /** Number of leading elements of a head that are rotated: even, up to E; 0 if no layer rotates. */
  readonly width: number;
  readonly scaling:
    | { readonly kind: "none" }
    /** No positions at all (NoPE): a rotation by zero. */
    | { readonly kind: "absent" }
    | {
        readonly kind: "longrope";
        /** Divisors of the frequencies, one per pair. */
        readonly factors: readonly number[];
        readonly attentionFactor: number;
        readonly originalLength: number;
      }
    | { readonly kind: "linear"; readonly factor: number }
    | {
        readonly kind: "llama3";
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalLength: number;
      }
    | {
        readonly kind: "yarn";
        readonly factor: number;
        readonly betaFast: number;
        readonly betaSlow: number;
        readonly attentionFactor: number;
        readonly originalLength: number;
        readonly truncate: boolean;
      };
}

/** A linear projection of a layer: module path and widths. */
export interface Projection {
  /** `self_attn.q_proj` */
  readonly path: string;
  /** `q_proj`; the complete path if another projection has the same last part */
  readonly name: string;
  readonly inputWidth: number;
  readonly outputWidth: number;
  readonly bias: boolean;
  /** Whether LoRA can target it; PEFT does not target experts and routers. */
  readonly isAdaptable: boolean;
  /** Roles that it computes, in the order of its outputs; a fused projection has more than one. */
  readonly parts: readonly { readonly role: Role; readonly width: number }[];
}

/** The projections of a layer, in the order of use. */
export function projections(model: Architecture): Projection[] {
  const { hidden, heads, kvHeads, headWidth, feedForward, biases, paths } = model;
  const roles: readonly (readonly [role: Role, inputWidth: number, width: number, bias: boolean])[] = [
    ["query", hidden, heads * headWidth, biases.qkv],
    ["key", hidden, kvHeads * headWidth, biases.qkv],
    ["value", hidden, kvHeads * headWidth, biases.qkv],
    ["output", heads * headWidth, hidden, biases.output],
    ["gate", hidden, feedForward, biases.feedForward],
    ["up", hidden, feedForward, biases.feedForward],
    ["down", feedForward, hidden, biases.feedForward],
  ];
  const dense = model.experts ? roles.filter(([role]) => !["gate", "up", "down"].includes(role)) : roles;
  const distinct = [...new Set(dense.map(([role]) => paths[role]))].filter((path) => path !== null);
  const last = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
  const own = distinct.map((path): Projection => {
    const isUnique = distinct.filter((other) => last(other) === last(path)).length === 1;
    const parts = roles.filter(([role]) => paths[role] === path);
    const [[, inputWidth, , bias] = ["query", 0, 0, false] as const] = parts;
    return {
      path,
      name: isUnique ? last(path) : path,
      inputWidth,
      outputWidth: parts.reduce((sum, [, , width]) => sum + width, 0),
      bias,
      isAdaptable: true,
      parts: parts.map(([role, , width]) => ({ role, width })),
    };
  });
  return [...own, ...expertProjections(model)];
}

/** The router, and gate, up and down of each expert. */
function expertProjections({ experts, hidden, feedForward }: Architecture): Projection[] {
  if (!experts) return [];
  const one = (path: string, inputWidth: number, outputWidth: number): Projection => {
    return { path, name: path, inputWidth, outputWidth, bias: false, isAdaptable: false, parts: [] };
  };
  const each = Array.from({ length: experts.count }, (_, at) => expertPaths(at));
  return [
    one(routerPath, hidden, experts.count),
    ...each.flatMap(({ gate, up, down }) => [
      one(gate, hidden, feedForward),
      one(up, hidden, feedForward),
      one(down, feedForward, hidden),
    ]),
  ];
}

/** Module path of the router. */
export const routerPath = "mlp.gate";

/** Module paths of an expert's projections. */
export function expertPaths(at: number): Readonly<Record<"gate" | "up" | "down", string>> {
  const stem = `mlp.experts.${at}`;
  return { gate: `${stem}.gate_proj`, up: `${stem}.up_proj`, down: `${stem}.down_proj` };
}

/** Whether a LoRA target, a name or the end of a path as in PEFT, matches a projection. */
export function isTarget({ path }: Projection, target: string): boolean {
  return path === target || path.endsWith(`.${target}`);
}

/** Norms of a layer: module path, width, and whether there is a bias. */
export function norms(
  model: Architecture,
): { readonly path: string; readonly width: number; readonly bias: boolean }[] {
  const { hidden, heads, kvHeads, headWidth, queryKeyNorms, norms: places, norm } = model;
  const around = [places.attention, places.feedForward]
    .flatMap(({ before, after }) => [before, after])
    .filter((path) => path !== null);
  const count = { query: heads, key: kvHeads };
  const width = (side: "query" | "key"): number => headWidth * (queryKeyNorms === "width" ? count[side] : 1);
  return [
    ...around.map((path) => ({ path, width: hidden, bias: norm === "layer" })),
    ...(queryKeyNorms === "none"
      ? []
      : [
          { path: "self_attn.q_norm", width: width("query"), bias: false },
          { path: "self_attn.k_norm", width: width("key"), bias: false },
        ]),
  ];
}
