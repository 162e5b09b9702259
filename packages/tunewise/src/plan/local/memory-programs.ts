/**
 * @file Memory of the engine's programs: peak of live values in a layer's forward and backward pass.
 *
 * Counted on the graphs in execution order (depth-first from the outputs). A session retains the memory of its largest
 * execution; its pool is larger than the values due to fragmentation.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { memoryConstants as k } from "../constants.ts";
import { type BatchShape, blocksOf, isFlat } from "./memory-shapes.ts";

/**
 * Activations that a layer saves for its backward pass: expensive activations and attention weights, expensive
 * activations only, or its input (recomputation).
 */
type ActivationPolicy = "weights" | "values" | "input";

/** Sizes of a batch's arrays in floats, by width. */
interface Widths {
  readonly hidden: number;
  readonly feedForward: number;
  /** Queries and keys in the padded attention grid. */
  readonly query: number;
  readonly key: number;
  /** Attention scores of all blocks, and of the largest one. */
  readonly scores: number;
  readonly blockScores: number;
}

/**
 * Peak of live floats in a layer's forward pass.
 *
 * @source this engine's programs: two arrays of the feed-forward's width and two of the model's, or queries, keys,
 *   values and two of a block's scores; one more of the feed-forward's width if gate and up are not saved
 */
export function forwardFloats(model: ModelDescription, batch: BatchShape, policy: ActivationPolicy): number {
  const { hidden, feedForward, query, key, blockScores } = widthsOf(model, batch);
  const wide = policy === "input" ? 3 : 2;
  return Math.max(wide * feedForward + 2 * hidden, hidden + 3 * query + 2 * key + 2 * blockScores);
}

/**
 * Peak of live floats in a layer's backward pass.
 *
 * @source this engine's programs: what the feed-forward retains for its adapters' gradients, plus attention's gradient.
 *   Post-norms add two arrays, soft-capped scores one, the activation's derivative two
 */
export function backwardFloats(model: ModelDescription, batch: BatchShape, policy: ActivationPolicy): number {
  const { hidden, feedForward, query, key, scores } = widthsOf(model, batch);
  const extra = model.hiddenNorms === 4 ? 1 : 0;
  if (policy === "weights") return 3 * feedForward + (2 + 2 * extra) * hidden + 3 * query + key + scores;
  const attention = (2 + extra) * scores + 4 * query + key;
  if (policy === "values") return 3 * feedForward + (2 + 2 * extra) * hidden + attention;
  return Math.max(
    (6 + 2 * extra) * feedForward + (3 + 3 * extra) * hidden + 2 * query + 3 * key + (1 + extra) * scores,
    4 * feedForward + 3 * hidden + attention,
  );
}

/**
 * Attention scores of all heads of a layer: each block of queries attends to the keys up to its end and to a shared
 * prefix, which also attends to itself. None for long rows.
 *
 * @source Vaswani et al. 2017, section 3.2.1; blocks as in this engine
 */
export function scoreFloats(
  { heads }: Pick<ModelDescription, "heads">,
  { rows, longest, prefix }: BatchShape,
): number {
  if (isFlat({ longest, prefix })) return 0;
  const seen = (length: number): number => {
    const blocks = blocksOf(length);
    return (length * (blocks + 1)) / (2 * blocks);
  };
  return heads * (rows * longest * (seen(longest) + prefix) + prefix * seen(prefix));
}

/**
 * Layers that save attention weights: as many as fit into a fixed number of bytes. @source this engine:
 * train/keeping.ts
 */
export function layersWithWeights(model: ModelDescription, batch: BatchShape): number {
  if (isFlat(batch)) return 0;
  const most = k.maxSavedScores / Float32Array.BYTES_PER_ELEMENT;
  return Math.min(model.layers, Math.floor(most / Math.max(1, scoreFloats(model, batch))));
}

/** Floats of a layout's loaded training programs, forward and backward. */
export function trainingFloats(
  model: ModelDescription,
  batch: BatchShape,
  recompute: "none" | "layer",
): number {
  const pair = (policy: ActivationPolicy): number =>
    forwardFloats(model, batch, policy) + backwardFloats(model, batch, policy);
  if (recompute === "layer") return pair("input");
  const saved = layersWithWeights(model, batch);
  return (saved > 0 ? pair("weights") : 0) + (saved < model.layers ? pair("values") : 0);
}

function widthsOf(model: ModelDescription, batch: BatchShape): Widths {
  const { hidden, feedForward, heads, kvHeads, headWidth } = model;
  const grid = isFlat(batch) ? batch.tokens : batch.rows * batch.longest + batch.prefix;
  return {
    hidden: batch.tokens * hidden,
    feedForward: batch.tokens * feedForward,
    query: grid * heads * headWidth,
    key: grid * kvHeads * headWidth,
    scores: scoreFloats(model, batch),
    blockScores: blockScores(model, batch),
  };
}

/** Scores of the largest block. */
function blockScores({ heads }: ModelDescription, batch: BatchShape): number {
  if (isFlat(batch)) return 0;
  return Math.max(
    (heads * batch.rows * batch.longest * (batch.longest + batch.prefix)) / blocksOf(batch.longest),
    (heads * batch.prefix * batch.prefix) / blocksOf(batch.prefix),
  );
}
