/**
 * @file A model's shape for planning: widths, projections and parameter counts.
 */
import type { FamilyKind } from "./families.ts";

/** A linear projection of a layer. */
export interface Projection {
  /** `q_proj` */
  readonly name: string;
  readonly inputWidth: number;
  readonly outputWidth: number;
  readonly bias: boolean;
}

/** The widths a `config.json` states, in the letters of the style page. */
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
  /** Longest text the model was made for, in tokens. */
  readonly contextLength: number;
  /** The head is the embedding table. */
  readonly tied: boolean;
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
}

/** Parameters by where they are. */
export interface ParameterCounts {
  readonly total: number;
  /** Embedding table, V x D. */
  readonly embeddings: number;
  /** The head where it is a table of its own, else 0: a tied table counts once. */
  readonly head: number;
  /** Matrices of all projections of all layers. */
  readonly linear: number;
  /** Norms and biases. */
  readonly small: number;
}

/** A model, described for planning. Plain data. */
export interface ModelDescription extends ModelShape {
  /** `model_type` of the configuration. */
  readonly family: string;
  /** Norms of width D in a layer: 4 where attention and feed-forward are normed on their way out, too. */
  readonly hiddenNorms: 2 | 4;
  /** Projections of one layer, in the order they are used. */
  readonly projections: readonly Projection[];
  readonly parameters: ParameterCounts;
}

/** The description that follows from a shape and its family's row. */
export function modelFrom(family: string, kind: FamilyKind, shape: ModelShape): ModelDescription {
  const projections = projectionsOf(kind, shape);
  return {
    family,
    ...shape,
    hiddenNorms: kind.hiddenNorms,
    projections,
    parameters: countParameters(kind, shape, projections),
  };
}

/** The projections of a layer: attention with grouped keys and values, then the gated feed-forward. */
function projectionsOf(kind: FamilyKind, shape: ModelShape): Projection[] {
  const { hidden, heads, kvHeads, headWidth, feedForward, attentionBias, feedForwardBias } = shape;
  const make = (name: string, inputWidth: number, outputWidth: number, bias: boolean): Projection => ({
    name,
    inputWidth,
    outputWidth,
    bias,
  });
  return [
    make("q_proj", hidden, heads * headWidth, attentionBias),
    make("k_proj", hidden, kvHeads * headWidth, attentionBias),
    make("v_proj", hidden, kvHeads * headWidth, attentionBias),
    make("o_proj", heads * headWidth, hidden, attentionBias && kind.outputBias),
    make("gate_proj", hidden, feedForward, feedForwardBias),
    make("up_proj", hidden, feedForward, feedForwardBias),
    make("down_proj", feedForward, hidden, feedForwardBias),
  ];
}

/**
 * P = V D (1 if tied, else 2) + L (2 D q + 2 D k + 3 D F + norms + biases) + D, with q = H E and k = K E.
 *
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3, with the gated feed-forward of Shazeer 2020
 *   (arXiv 2002.05202); checked against the counts that published weight files declare
 */
function countParameters(kind: FamilyKind, shape: ModelShape, layer: readonly Projection[]): ParameterCounts {
  const { layers, hidden, headWidth, vocabulary, tied } = shape;
  const embeddings = vocabulary * hidden;
  const head = tied ? 0 : embeddings;
  const linear = layers * sum(layer.map(({ inputWidth, outputWidth }) => inputWidth * outputWidth));
  const biases = sum(layer.map(({ outputWidth, bias }) => (bias ? outputWidth : 0)));
  const norms = kind.hiddenNorms * hidden + (kind.headNorms ? 2 * headWidth : 0);
  const small = layers * (norms + biases) + hidden;
  return { total: embeddings + head + linear + small, embeddings, head, linear, small };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
