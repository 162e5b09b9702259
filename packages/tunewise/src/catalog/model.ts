/** @file A model's shape for planning: widths, projections and parameter counts. */
import { sum } from "@tunewise/core/math";
import type { FamilyLayers, Role } from "@tunewise/engine/families";

/** A linear projection of a layer. */
export interface Projection {
  /** `q_proj` */
  readonly name: string;
  readonly inputWidth: number;
  readonly outputWidth: number;
  readonly bias: boolean;
  /** Its input; projections with the same input share its values. */
  readonly reads: ProjectionInput;
  /** Copies per layer, and copies that process a token (experts). */
  readonly copies: number;
  readonly activeCopies: number;
  /** Whether it belongs to experts. transformers holds the experts' matrices of a layer as one parameter. */
  readonly ofExperts?: true;
}

/**
 * Input of a projection: the layer's input, attention's output, the normalized residual stream, the activated
 * feed-forward.
 */
export type ProjectionInput = "layer" | "attended" | "feed-forward" | "activated";

/** Widths of a `config.json`, with the symbols of the style guide. */
export interface ModelShape {
  readonly layers: number;
  /** D */
  readonly hidden: number;
  /** H */
  readonly heads: number;
  /** K */
  readonly kvHeads: number;
  /** E */
  readonly headWidth: number;
  /** F */
  readonly feedForward: number;
  /** V */
  readonly vocabulary: number;
  /** Context length in tokens. */
  readonly contextLength: number;
  /** Whether embeddings are tied. */
  readonly tied: boolean;
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
  /** Experts per layer, and active experts per token; 1 and 1 for dense models. */
  readonly experts: number;
  readonly activeExperts: number;
}

/** Parameters by location. */
export interface ParameterCounts {
  readonly total: number;
  /** Embedding table, V x D, plus learned positions if any. */
  readonly embeddings: number;
  /** LM head, V x D; 0 if tied, since a tied table counts once. */
  readonly head: number;
  /** Weights of all projections of all layers. */
  readonly linear: number;
  /** Weights that process a token: fewer if there are experts. */
  readonly activeLinear: number;
  /** Norms and biases. */
  readonly small: number;
}

/** A model, described for planning. Plain data. */
export interface ModelDescription extends ModelShape, Pick<FamilyLayers, "queryKeyNorms" | "norm"> {
  /** `model_type` of the configuration. */
  readonly family: string;
  /** Norms of width D in a layer: 1 if attention and feed-forward share one. */
  readonly hiddenNorms: number;
  /** Whether the feed-forward is gated: three matrices instead of two. */
  readonly gated: boolean;
  readonly activation: "silu" | "gelu";
  /** Whether attention scores and logits are soft-capped with tanh. */
  readonly softCaps: boolean;
  /** Projections of one layer, in order of use. */
  readonly projections: readonly Projection[];
  /** Whether the projections were declared by the files of a model of an unknown family. */
  readonly isOfFiles?: true;
  readonly parameters: ParameterCounts;
}

/** Derives the description from a shape and the layers of its family. */
export function modelFrom(family: string, kind: FamilyLayers, shape: ModelShape): ModelDescription {
  const { queryKeyNorms, norm, activation, softCaps } = kind;
  const projections = projectionsOf(kind, shape);
  return {
    family,
    ...shape,
    hiddenNorms: hiddenNorms(kind),
    queryKeyNorms,
    norm,
    gated: kind.paths.gate !== null,
    activation: activation === "silu" ? "silu" : "gelu",
    softCaps: softCaps !== null && softCaps.scores !== null,
    projections,
    parameters: countParameters(kind, shape, projections),
  };
}

/** Projections of a layer: attention with grouped queries, then the feed-forward or the experts. */
function projectionsOf({ paths, outputBias }: FamilyLayers, shape: ModelShape): Projection[] {
  const { hidden, heads, kvHeads, headWidth, feedForward, attentionBias, feedForwardBias } = shape;
  const [query, key] = [heads * headWidth, kvHeads * headWidth];
  const single = (bias: boolean) => ({ bias, copies: 1, activeCopies: 1 });
  const first = { inputWidth: hidden, reads: "layer", ...single(attentionBias) } as const;
  const expert = {
    bias: feedForwardBias,
    copies: shape.experts,
    activeCopies: shape.activeExperts,
    ...(shape.experts > 1 ? { ofExperts: true as const } : {}),
  };
  const wide = { inputWidth: hidden, reads: "feed-forward", ...expert } as const;
  const named = (role: Exclude<Role, "gate">): string => leaf(paths[role]);
  return [
    ...(paths.query === paths.value
      ? [{ name: named("query"), outputWidth: query + 2 * key, ...first }]
      : [
          { name: named("query"), outputWidth: query, ...first },
          { name: named("key"), outputWidth: key, ...first },
          { name: named("value"), outputWidth: key, ...first },
        ]),
    {
      name: named("output"),
      inputWidth: query,
      outputWidth: hidden,
      reads: "attended",
      ...single(attentionBias && outputBias),
    },
    ...(paths.gate === null || paths.gate === paths.up
      ? []
      : [{ name: leaf(paths.gate), outputWidth: feedForward, ...wide }]),
    { name: named("up"), outputWidth: paths.gate === paths.up ? 2 * feedForward : feedForward, ...wide },
    { name: named("down"), inputWidth: feedForward, outputWidth: hidden, reads: "activated", ...expert },
  ];
}

/** The last part of a module path: `q_proj` */
function leaf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function hiddenNorms({ norms: { attention, feedForward } }: FamilyLayers): number {
  const around = [attention.before, attention.after, feedForward.before, feedForward.after];
  return new Set(around.filter((path) => path !== null)).size;
}

/**
 * P = V D (1 if tied, else 2) + L (2 D q + 2 D k + 3 D F + norms + biases) + norm, with q = H E and k = K E. Without a
 * gate, 2 D F instead of 3 D F; learned positions add T D; experts multiply the feed-forward, with a router of D each.
 *
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3, with the gated feed-forward of Shazeer 2020
 *   (arXiv 2002.05202); checked against the counts that published weight files declare
 */
function countParameters(
  kind: FamilyLayers,
  shape: ModelShape,
  layer: readonly Projection[],
): ParameterCounts {
  const { layers, hidden, heads, kvHeads, headWidth, vocabulary, tied, experts } = shape;
  const table = vocabulary * hidden;
  const head = tied ? 0 : table;
  const sizes = (pick: (projection: Projection) => number): number =>
    layers * sum(layer.map((one) => pick(one) * one.inputWidth * one.outputWidth));
  const linear = sizes(({ copies }) => copies);
  const biases = sum(layer.map(({ outputWidth, bias, copies }) => (bias ? outputWidth * copies : 0)));
  const norm = (kind.norm === "layer" ? 2 : 1) * hidden;
  const normalized = { none: 0, head: 2, width: heads + kvHeads }[kind.queryKeyNorms];
  const norms = hiddenNorms(kind) * norm + normalized * headWidth;
  const router = experts > 1 ? hidden * experts : 0;
  const small = layers * (norms + biases + router) + norm + (kind.headBias && !tied ? vocabulary : 0);
  const activeLinear = sizes(({ activeCopies }) => activeCopies);
  const embeddings = table + (kind.names.positions !== null ? shape.contextLength * hidden : 0);
  return { total: embeddings + head + linear + small, embeddings, head, linear, activeLinear, small };
}
