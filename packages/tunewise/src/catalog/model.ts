/** @file A model's shape for planning: widths, projections and parameter counts. */
import { sum } from "@tunewise/core/math";
import type { FamilyKind } from "./families.ts";

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
export interface ModelDescription
  extends ModelShape,
    Pick<FamilyKind, "hiddenNorms" | "queryKeyNorms" | "norm" | "gated" | "activation" | "softCaps"> {
  /** `model_type` of the configuration. */
  readonly family: string;
  /** Projections of one layer, in order of use. */
  readonly projections: readonly Projection[];
  /** Whether the projections were declared by the files of a model of an unknown family. */
  readonly isOfFiles?: true;
  readonly parameters: ParameterCounts;
}

/** Derives the description from a shape and its family. */
export function modelFrom(family: string, kind: FamilyKind, shape: ModelShape): ModelDescription {
  const { hiddenNorms, queryKeyNorms, norm, gated, activation, softCaps } = kind;
  const projections = projectionsOf(kind, shape);
  return {
    family,
    ...shape,
    hiddenNorms,
    queryKeyNorms,
    norm,
    gated,
    activation,
    softCaps,
    projections,
    parameters: countParameters(kind, shape, projections),
  };
}

/** Projections of a layer: attention with grouped queries, then the feed-forward or the experts. */
function projectionsOf({ names, outputBias, gated }: FamilyKind, shape: ModelShape): Projection[] {
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
  const isGateFused = gated && names.gate === names.up;
  return [
    ...(names.query === names.value
      ? [{ name: names.query, outputWidth: query + 2 * key, ...first }]
      : [
          { name: names.query, outputWidth: query, ...first },
          { name: names.key, outputWidth: key, ...first },
          { name: names.value, outputWidth: key, ...first },
        ]),
    {
      name: names.output,
      inputWidth: query,
      outputWidth: hidden,
      reads: "attended",
      ...single(attentionBias && outputBias),
    },
    ...(gated && !isGateFused ? [{ name: names.gate, outputWidth: feedForward, ...wide }] : []),
    { name: names.up, outputWidth: isGateFused ? 2 * feedForward : feedForward, ...wide },
    { name: names.down, inputWidth: feedForward, outputWidth: hidden, reads: "activated", ...expert },
  ];
}

/**
 * P = V D (1 if tied, else 2) + L (2 D q + 2 D k + 3 D F + norms + biases) + norm, with q = H E and k = K E. Without a
 * gate, 2 D F instead of 3 D F; learned positions add T D; experts multiply the feed-forward, with a router of D each.
 *
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3, with the gated feed-forward of Shazeer 2020
 *   (arXiv 2002.05202); checked against the counts that published weight files declare
 */
function countParameters(kind: FamilyKind, shape: ModelShape, layer: readonly Projection[]): ParameterCounts {
  const { layers, hidden, heads, kvHeads, headWidth, vocabulary, tied, experts } = shape;
  const table = vocabulary * hidden;
  const head = tied ? 0 : table;
  const sizes = (pick: (projection: Projection) => number): number =>
    layers * sum(layer.map((one) => pick(one) * one.inputWidth * one.outputWidth));
  const linear = sizes(({ copies }) => copies);
  const biases = sum(layer.map(({ outputWidth, bias, copies }) => (bias ? outputWidth * copies : 0)));
  const norm = (kind.norm === "layer" ? 2 : 1) * hidden;
  const normalized = { none: 0, head: 2, width: heads + kvHeads }[kind.queryKeyNorms];
  const norms = kind.hiddenNorms * norm + normalized * headWidth;
  const router = experts > 1 ? hidden * experts : 0;
  const small = layers * (norms + biases + router) + norm + (kind.headBias && !tied ? vocabulary : 0);
  const activeLinear = sizes(({ activeCopies }) => activeCopies);
  const embeddings = table + (kind.learnedPositions ? shape.contextLength * hidden : 0);
  return { total: embeddings + head + linear + small, embeddings, head, linear, activeLinear, small };
}
