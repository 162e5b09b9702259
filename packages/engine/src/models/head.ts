/**
 * @file The language model head: final norm, logits, cross-entropy loss, and the loss gradient with respect to the
 *   hidden states.
 *
 * Runs on a chunk of C tokens, so that logits `[C, V]` never exist for a complete batch.
 */
import {
  bf16Product,
  elementwise,
  gemm,
  multiply,
  reduce,
  scale,
  shift,
  softmax,
  subtract,
  takeAlong,
} from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import type { MatrixFormat } from "../jit/operator-kinds.ts";
import type { Architecture } from "./architecture.ts";
import { float32Inputs, isBf16, type MatrixInputs } from "./matrix-format.ts";
import { normalize } from "./normalize.ts";

/** The head's values. */
export interface HeadGraph {
  /** `[C, D]`, the output of the last layer */
  readonly x: Value;
  readonly normed: Value;
  /** `[C, V]` */
  readonly logits: Value;
  /** `[C, 1]`, negative log likelihood of each label in nats */
  readonly nll: Value;
  /** `[C, D]`, gradient of the sum of `nll` with respect to `normed`; each label's times its factor, if weighted */
  readonly normedGradient: Value;
  /** `[D]`, the final norm's weight */
  readonly norm: Value;
  /** `[D]`, its bias, if it has one */
  readonly normBias: Value | null;
  /** `[V, D]`, the softmax part of the embedding table's gradient, weighted alike */
  readonly tableGradient: Value;
  /** `[C, D]`, the label part: rows to subtract at the labels' rows of the table, weighted alike */
  readonly labelGradient: Value;
}

/**
 * Builds the head.
 *
 * The usual loss gradient writes one-hot labels to a matrix `[C, V]`. Here it is split by linearity into
 * p E - E[label], so that the only passes over `[C, V]` are the product, the softmax, two maxima and the product back.
 * The loss is log(sum exp) - logit[label]. Its term log(sum exp) = max - log(p_max) cannot underflow, because
 * p_max >= 1 / V.
 *
 * @param inputs number format of products
 * @param format of the table
 * @param isWeighted whether the gradients of each label are multiplied by its factor, an input `[C, 1]`
 */
export function buildHead(
  model: Architecture,
  inputs: MatrixInputs = float32Inputs,
  format: MatrixFormat = "float32",
  isWeighted = false,
): HeadGraph {
  const { hidden, logitCap, logitScale } = model;
  const graph = new Graph();
  const x = graph.input("x", ["C", hidden]);
  const norm = graph.input("norm.weight", [hidden]);
  const normBias = model.norm === "layer" ? graph.input("norm.bias", [hidden]) : null;
  const normed = normalize(x, model, (part) => (part === "weight" ? norm : (normBias ?? norm)));
  const table = tableOf(graph, model, inputs, format);
  const labels = graph.input("labels", ["C", 1], "int64");
  // scales the states, because they are narrower than the logits
  const states = scale(normed, logitScale);
  const raw = table.times(logitCap === null ? states : scale(states, 1 / logitCap));
  const bent = logitCap === null ? null : elementwise("tanh", raw);
  const logits = bent && logitCap !== null ? scale(bent, logitCap) : raw;
  const largest = reduce("maximum", logits, -1);
  const ofLabel = takeAlong(logits, labels);
  const p = softmax(logits);
  const logSum = subtract(largest, elementwise("log", reduce("maximum", p, -1)));
  const nll = subtract(logSum, ofLabel);
  // derivative of cap tanh(r / cap) with respect to r: 1 - tanh^2
  const slope = bent ? shift(scale(multiply(bent, bent), -1), 1) : null;
  const sloped = slope ? multiply(p, slope) : p;
  const pull = table.back(sloped);
  const label = graph.input("labels.rows", ["C", hidden]);
  const push = slope ? multiply(label, takeAlong(slope, labels)) : label;
  const factors = isWeighted ? graph.input("factors", ["C", 1]) : null;
  const weighted = (gradients: Value): Value => (factors ? multiply(gradients, factors) : gradients);
  return {
    x,
    normed,
    logits,
    nll,
    norm,
    normBias,
    normedGradient: weighted(scale(subtract(pull, push), logitScale)),
    tableGradient: gemm(sloped, weighted(states), { transposeA: true }),
    labelGradient: weighted(slope ? multiply(states, takeAlong(slope, labels)) : states),
  };
}

/** Products with the embedding table E `[V, D]`: `times` is x E^T, `back` is p E. */
interface Table {
  readonly times: (x: Value) => Value;
  readonly back: (p: Value) => Value;
}

function tableOf(
  graph: Graph,
  { vocabulary, hidden }: Architecture,
  inputs: MatrixInputs,
  format: MatrixFormat,
): Table {
  const values = graph.input("head.weight", [vocabulary, hidden], format === "nf4" ? "uint8" : format);
  if (!isBf16(inputs, vocabulary, hidden)) {
    return { times: (x) => gemm(x, values, { transposeB: true }), back: (p) => gemm(p, values) };
  }
  return {
    times: (x) => bf16Product(x, { values }, { transposeB: true }),
    back: (p) => bf16Product(p, { values }, { transposeB: false }),
  };
}
