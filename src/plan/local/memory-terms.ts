/**
 * @file Terms of memory: what lies in it, each with the sentence that says why.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { bytes, countOf, countText } from "../../quantity/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, memoryConstants as k } from "../constants.ts";
import type { BaseHolding, MemoryTerm, MemoryTermName } from "../plan.ts";
import { certain, type Factor, mapRange, rangeOf, sumRanges } from "../range-arithmetic.ts";
import { heldBytes } from "./holding.ts";
import { forwardFloats, scoreFloats, trainingFloats } from "./memory-programs.ts";
import type { BatchShape, BatchShapes } from "./memory-shapes.ts";

/**
 * Node, the runtime's library, the data, garbage: what a run takes before and beside the model.
 *
 * @param asksBefore hundreds of questions are put to the model before it is trained
 */
export function runtimeTerm(asksBefore: boolean): MemoryTerm {
  const reason = "Node, the native runtime, the data, and what the collector has not taken yet";
  const size = asksBefore ? sumRanges([k.runtimeBytes, k.askedBytes]) : k.runtimeBytes;
  return { name: "runtime", bytes: rangeOf(size, bytes), reason };
}

/** Words, merges and their look-up tables, on the heap of Node. */
export function tokenizerTerm({ vocabulary }: ModelDescription): MemoryTerm {
  const reason = `${vocabulary} words and the merges that lead to them`;
  return {
    name: "tokenizer",
    bytes: rangeOf(
      mapRange(k.wordBytes, (size) => size * vocabulary),
      bytes,
    ),
    reason,
  };
}

/** Frozen weights: matrices as they are held, the rest as float32. */
export function weightsTerm(model: ModelDescription, base: HeldBase): MemoryTerm {
  const { parameters, tied } = model;
  const { holding, perWeight } = base;
  const { whole, matrices, workspace } = heldBytes(model, holding, perWeight);
  const embeddings = tied ? ", tied embeddings once" : "";
  const kept =
    holding.place === "disk" ? "read layer by layer" : `held at ${Number(perWeight.toFixed(3))} bytes each`;
  const reason =
    holding.format === "float32"
      ? `${countText(parameters.total)} parameters as float32${embeddings}`
      : `${countText(parameters.linear)} weights of layers ${kept}, one layer and the rest as float32${embeddings}`;
  return term(
    "weights",
    mapRange(k.weightFactor, (factor) => (factor * (whole + matrices + workspace)) / floatBytes),
    reason,
  );
}

/** How the base is held, and the bytes of one weight then. */
export interface HeldBase {
  readonly holding: BaseHolding;
  readonly perWeight: number;
}

/** The adapter with what its optimizer needs; it stays while the model is judged. */
export function adapterTerm(
  { parameters }: PlannedAdapter,
  optimizer: "adamw" | "sgd",
  optimizerState: "memory" | "disk",
): MemoryTerm {
  const isAdam = optimizer === "adamw";
  const arrays = optimizerState === "disk" ? 2 : isAdam ? k.adapterArrays : k.adapterArraysSgd;
  const moments = isAdam ? "two moments" : "momentum";
  const what = `weight, gradient${optimizerState === "disk" ? `; ${moments} on disk` : `, ${moments}`}`;
  return term("adapter", certain(arrays * parameters), `${countText(parameters)} trained values: ${what}`);
}

/**
 * Floats kept per token and layer between forward and backward when nothing is recomputed: the layer's
 * input, q, k, v, attention's output, the middle of the residual stream, gate, up, and the low-rank inner values.
 *
 * @source this engine: the values its backward program asks of its forward program
 */
export function keptFloats({ heads, kvHeads, ...model }: ModelDescription, adapter: PlannedAdapter): number {
  const [query, key] = [heads * model.headWidth, kvHeads * model.headWidth];
  const postNorms = model.hiddenNorms === 4 ? k.keptBeforePostNorms : 0;
  return (
    (k.keptHidden + postNorms) * model.hidden +
    2 * query +
    2 * key +
    k.keptFeedForward * model.feedForward +
    adapter.rank * adapter.targets.length
  );
}

/** What stays of every layer between forward and backward, and three arrays of the residual stream beside. */
export function activationsTerm(
  model: ModelDescription,
  adapter: PlannedAdapter,
  tokens: number,
  recompute: "none" | "layer",
): MemoryTerm {
  const { hidden, layers } = model;
  const perToken = recompute === "layer" ? hidden : keptFloats(model, adapter);
  const how = recompute === "layer" ? "the input of each layer" : "nothing is recomputed";
  return term(
    "activations",
    mapRange(k.keptFactor, (factor) => factor * tokens * (layers * perToken + k.streamArrays * hidden)),
    `${countOf(tokens, "token")} x ${countOf(layers, "layer")} x ${countOf(perToken, "value")}; ${how}`,
  );
}

/** Attention's weights that are kept, over all layers. */
export function keptWeightsTerm(model: ModelDescription, layouts: readonly BatchShape[]): MemoryTerm {
  const most = k.keptScoresMost / floatBytes;
  const scores = largestOf(layouts, (batch) => scoreFloats(model, batch));
  return term(
    "attention-weights",
    certain(Math.min(most, model.layers * scores)),
    `of ${countOf(model.layers, "layer")}, at most ${k.keptScoresMost / 1e6} MB in all`,
  );
}

/** The pools of training's programs, of the last two layouts. */
export function trainingPoolsTerm(
  model: ModelDescription,
  { layouts }: BatchShapes,
  recompute: "none" | "layer",
): MemoryTerm {
  const sizes = layouts.map((batch) => trainingFloats(model, batch, recompute));
  return poolsTerm("programs", sizes, "forward and backward of a layer");
}

/** The pools of forward programs, where the model is judged. */
export function judgingPoolsTerm(model: ModelDescription, { layouts }: BatchShapes): MemoryTerm {
  const sizes = layouts.map(
    (batch) => forwardFloats(model, batch, "values") + k.judgingStreams * batch.tokens * model.hidden,
  );
  return poolsTerm("judging", sizes, "forward of a layer");
}

/** The gradient of the head's table that one chunk adds, where all weights are trained; nothing otherwise. */
export function tableTerm({ vocabulary, hidden }: ModelDescription, { kind }: PlannedAdapter): MemoryTerm {
  const floats = kind === "full" ? vocabulary * hidden : 0;
  return term("table", certain(floats), `what a chunk adds to the gradient of ${vocabulary} words`);
}

/** The head's pool: arrays as wide as the vocabulary, for a chunk of labelled tokens; chunks of a batch are alike. */
export function logitsTerm(
  model: ModelDescription,
  { labelledTokens, layouts }: BatchShapes,
  withGradient: boolean,
): MemoryTerm {
  const { vocabulary, hiddenNorms } = model;
  const most = Math.min(
    k.headChunkMost,
    Math.max(k.headChunkLeast, Math.floor(k.headLogitsAtOnce / vocabulary)),
  );
  const labels = [labelledTokens, ...layouts.map((batch) => batch.labelledTokens)];
  const tokens = largestOf(labels, (count) => Math.ceil(count / Math.max(1, Math.ceil(count / most))));
  // a capped head needs its slope as well
  const copies = withGradient && hiddenNorms === 4 ? k.headCopiesCapped : k.headCopies;
  return term(
    "logits",
    mapRange(k.headFactor, (factor) => factor * copies * tokens * vocabulary),
    `${copies} arrays of ${Math.round(tokens)} labelled tokens x ${vocabulary} words, in chunks`,
  );
}

/** Masks, positions and indices of batches; some batches' worth waits for the collector. */
export function batchTerm({ layouts }: BatchShapes): MemoryTerm {
  const places = largestOf(layouts, (batch) => scoreFloats({ heads: 1 }, batch));
  return term(
    "batch",
    mapRange(k.batchesWaiting, (factor) => Math.min(k.waitingBytesMost / floatBytes, factor * places)),
    "masks of this batch and of some before it",
  );
}

function poolsTerm(name: MemoryTermName, sizes: readonly number[], what: string): MemoryTerm {
  const loaded = [...sizes].sort((a, b) => b - a).slice(0, k.layoutsKept);
  const floats = loaded.reduce((sum, size) => sum + size, 0);
  return term(
    name,
    mapRange(k.poolFactor, (factor) => factor * floats),
    `${what}: values alive at the worst point, ${loaded.length === 1 ? "one layout" : `${loaded.length} layouts`}`,
  );
}

/** A term of so many floats. */
export function term(name: MemoryTermName, floats: Factor, reason: string): MemoryTerm {
  return { name, bytes: rangeOf(floats, (count) => bytes(count * floatBytes)), reason };
}

function largestOf<Item>(items: readonly Item[], size: (item: Item) => number): number {
  return items.reduce((most, item) => Math.max(most, size(item)), 0);
}
