/**
 * @file Memory inside the engine's programs: the values alive at the worst point of a layer's forward and backward.
 *
 * Counted on the graphs, in the order the runtime takes them (depth first from the results). A session keeps what its
 * largest run took; its pool takes more than the values, since pieces of many sizes break it up.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { memoryConstants as k } from "../constants.ts";
import { type BatchShape, blocksOf } from "./memory-shapes.ts";

/** What a layer keeps for its backward program: dear values and attention's weights, the former, its input. */
export type Keeping = "weights" | "values" | "input";

/** Sizes of a batch's arrays in floats, by what they are as wide as. */
interface Widths {
  readonly hidden: number;
  readonly feedForward: number;
  /** Queries and keys in attention's grid, padding included. */
  readonly query: number;
  readonly key: number;
  /** Attention's scores over all blocks, and those of the largest one. */
  readonly scores: number;
  readonly blockScores: number;
}

/**
 * Floats of a layer's forward program.
 *
 * @source this engine's programs: two arrays of the feed-forward's width and two of the model's, or queries, keys,
 *   values and two of a block's scores; one more of the former where gate and up are not handed out
 */
export function forwardFloats(model: ModelDescription, batch: BatchShape, keeping: Keeping): number {
  const { hidden, feedForward, query, key, blockScores } = widthsOf(model, batch);
  const wide = keeping === "input" ? 3 : 2;
  return Math.max(wide * feedForward + 2 * hidden, hidden + 3 * query + 2 * key + 2 * blockScores);
}

/**
 * Floats of a layer's backward program.
 *
 * @source this engine's programs: what the feed-forward leaves for its adapters' gradients, and attention's gradient
 *   beside it. Norms on the way out add two arrays, the family's capped scores one, its activation's slope two
 */
export function backwardFloats(model: ModelDescription, batch: BatchShape, keeping: Keeping): number {
  const { hidden, feedForward, query, key, scores } = widthsOf(model, batch);
  const extra = model.hiddenNorms === 4 ? 1 : 0;
  if (keeping === "weights") return 3 * feedForward + (2 + 2 * extra) * hidden + 3 * query + key + scores;
  const attention = (2 + extra) * scores + 4 * query + key;
  if (keeping === "values") return 3 * feedForward + (2 + 2 * extra) * hidden + attention;
  return Math.max(
    (6 + 2 * extra) * feedForward + (3 + 3 * extra) * hidden + 2 * query + 3 * key + (1 + extra) * scores,
    4 * feedForward + 3 * hidden + attention,
  );
}

/**
 * Attention scores of all heads of one layer: every block of queries over the keys up to its end, and over a shared
 * beginning, which looks at itself as well.
 *
 * @source Vaswani et al. 2017, section 3.2.1; blocks as in this engine
 */
export function scoreFloats(
  { heads }: Pick<ModelDescription, "heads">,
  { rows, longest, prefix }: BatchShape,
): number {
  const seen = (length: number): number => {
    const blocks = blocksOf(length);
    return (length * (blocks + 1)) / (2 * blocks);
  };
  return heads * (rows * longest * (seen(longest) + prefix) + prefix * seen(prefix));
}

/**
 * Layers that keep attention's weights: as many as fit into a fixed number of bytes. @source this engine:
 * train/keeping.ts
 */
export function layersWithWeights(model: ModelDescription, batch: BatchShape): number {
  const most = k.keptScoresMost / Float32Array.BYTES_PER_ELEMENT;
  return Math.min(model.layers, Math.floor(most / Math.max(1, scoreFloats(model, batch))));
}

/** Programs of one layout that training has loaded, forward and backward together. */
export function trainingFloats(
  model: ModelDescription,
  batch: BatchShape,
  recompute: "none" | "layer",
): number {
  const pair = (keeping: Keeping): number =>
    forwardFloats(model, batch, keeping) + backwardFloats(model, batch, keeping);
  if (recompute === "layer") return pair("input");
  const kept = layersWithWeights(model, batch);
  return (kept > 0 ? pair("weights") : 0) + (kept < model.layers ? pair("values") : 0);
}

function widthsOf(model: ModelDescription, batch: BatchShape): Widths {
  const { hidden, feedForward, heads, kvHeads, headWidth } = model;
  const grid = batch.rows * batch.longest + batch.prefix;
  return {
    hidden: batch.tokens * hidden,
    feedForward: batch.tokens * feedForward,
    query: grid * heads * headWidth,
    key: grid * kvHeads * headWidth,
    scores: scoreFloats(model, batch),
    blockScores: Math.max(
      (heads * batch.rows * batch.longest * (batch.longest + batch.prefix)) / blocksOf(batch.longest),
      (heads * batch.prefix * batch.prefix) / blocksOf(batch.prefix),
    ),
  };
}
