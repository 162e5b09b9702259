/** @file Terms of the memory estimate, each with an explanation. */

import { largest } from "@tunewise/core/math";
import { bytes, countOf, countText } from "@tunewise/core/quantity";
import { type EngineOptimizer, optimizers } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, memoryConstants as k } from "../constants.ts";
import type { BaseHolding, MemoryTerm, MemoryTermName } from "../plan.ts";
import { certain, type Factor, mapRange, rangeOf, sumRanges } from "../range-arithmetic.ts";
import { hasNarrowTables, weightBytes } from "./base-storage.ts";
import { forwardFloats, scoreFloats, trainingFloats } from "./memory-programs.ts";
import type { BatchShape, BatchShapes } from "./memory-shapes.ts";

/**
 * Node, the native runtime, data and garbage.
 *
 * @param asksBefore whether the model is evaluated before training
 * @param base storage of the base model, including the precision of its products
 */
export function runtimeTerm(asksBefore: boolean, { holding }: HeldBase): MemoryTerm {
  const reason = "Node, the native runtime, the data, and what the collector has not taken yet";
  const size = sumRanges([
    k.runtimeBytes,
    ...(asksBefore ? [k.askedBytes] : []),
    ...(holding.compute === "bf16" ? [k.bf16Bytes] : []),
  ]);
  return { name: "runtime", bytes: rangeOf(size, bytes), reason };
}

/** Vocabulary, merges and their lookup tables on Node's heap. */
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

/** Frozen weights: matrices in their stored format, the rest as float32. */
export function weightsTerm(model: ModelDescription, base: HeldBase): MemoryTerm {
  const { parameters, tied } = model;
  const { holding, perWeight } = base;
  const { whole, matrices, workspace } = weightBytes(model, holding, perWeight);
  const embeddings = tied ? ", tied embeddings once" : "";
  const storage =
    holding.place === "disk" ? "read layer by layer" : `held at ${Number(perWeight.toFixed(3))} bytes each`;
  const widened =
    holding.compute !== "bf16" || holding.format === "float32"
      ? "one layer and"
      : hasNarrowTables(model, holding)
        ? "embeddings in bfloat16,"
        : "multiplied as they are,";
  const reason =
    holding.format === "float32" && holding.place === "memory"
      ? `${countText(parameters.total)} parameters as float32${embeddings}`
      : `${countText(parameters.linear)} weights of layers ${storage}, ${widened} the rest as float32${embeddings}`;
  return term(
    "weights",
    mapRange(k.weightFactor, (factor) => (factor * (whole + matrices + workspace)) / floatBytes),
    reason,
  );
}

/** Storage of the frozen weights, and the bytes of one weight. */
export interface HeldBase {
  readonly holding: BaseHolding;
  readonly perWeight: number;
}

/** Arrays of the adapter besides its moments: weight and gradient, all float32. */
const arraysBesideMoments = 2;

/** The adapter and its optimizer state, which remain in memory during evaluation. */
export function adapterTerm(
  { parameters }: PlannedAdapter,
  optimizer: EngineOptimizer,
  optimizerState: "memory" | "disk",
): MemoryTerm {
  const { moments: count } = optimizers[optimizer];
  const arrays = arraysBesideMoments + (optimizerState === "disk" ? 0 : count);
  const moments = count === 1 ? "momentum" : "two moments";
  const what = `weight, gradient${optimizerState === "disk" ? `; ${moments} on disk` : `, ${moments}`}`;
  return term("adapter", certain(arrays * parameters), `${countText(parameters)} trained values: ${what}`);
}

/**
 * Floats saved per token and layer for the backward pass without recomputation: the layer's input, q, k, v, attention's
 * output, the residual stream after attention, gate, up, and the adapters' low-rank activations. With bfloat16
 * products, SwiGLU reads gate and up in 16 bits.
 *
 * @source this engine: the outputs of its forward program that its backward program uses
 */
export function savedFloats(
  { heads, kvHeads, ...model }: ModelDescription,
  adapter: PlannedAdapter,
  { compute }: Pick<BaseHolding, "compute">,
): number {
  const [query, key] = [heads * model.headWidth, kvHeads * model.headWidth];
  const isHalved =
    compute === "bf16" && model.gated && model.activation === "silu" && model.feedForward % 64 === 0;
  const postNorms = model.hiddenNorms === 4 ? k.savedBeforePostNorms : 0;
  return (
    (k.savedHidden + postNorms) * model.hidden +
    2 * query +
    2 * key +
    (isHalved ? 0.5 : 1) * k.savedFeedForward * model.feedForward +
    adapter.rank * adapter.targets.length
  );
}

/** Saved activations of every layer, and three arrays of the residual stream. */
export function activationsTerm(
  model: ModelDescription,
  adapter: PlannedAdapter,
  tokens: number,
  recompute: "none" | "layer",
  { holding }: HeldBase,
): MemoryTerm {
  const { hidden, layers } = model;
  const perToken = recompute === "layer" ? hidden : savedFloats(model, adapter, holding);
  const experts = model.experts > 1 ? k.expertArrays * model.experts * model.feedForward : 0;
  const how = recompute === "layer" ? "the input of each layer" : "nothing is recomputed";
  return term(
    "activations",
    mapRange(
      k.savedFactor,
      (factor) => factor * tokens * (layers * perToken + k.streamArrays * hidden + experts),
    ),
    `${countOf(tokens, "token")} x ${countOf(layers, "layer")} x ${countOf(perToken, "value")}; ${how}`,
  );
}

/** Saved attention weights of all layers. */
export function savedAttentionTerm(model: ModelDescription, layouts: readonly BatchShape[]): MemoryTerm {
  const most = k.maxSavedScores / floatBytes;
  const scores = largest(layouts.map((batch) => scoreFloats(model, batch)));
  return term(
    "attention-weights",
    certain(Math.min(most, model.layers * scores)),
    `of ${countOf(model.layers, "layer")}, at most ${k.maxSavedScores / 1e6} MB in all`,
  );
}

/** Memory pools of the training programs of the last two layouts. */
export function trainingPoolsTerm(
  model: ModelDescription,
  { layouts }: BatchShapes,
  recompute: "none" | "layer",
): MemoryTerm {
  const sizes = layouts.map((batch) => trainingFloats(model, batch, recompute));
  return poolsTerm("programs", sizes, "forward and backward of a layer");
}

/** Memory pools of the forward programs for evaluation. */
export function evaluationPoolsTerm(model: ModelDescription, { layouts }: BatchShapes): MemoryTerm {
  const sizes = layouts.map(
    (batch) => forwardFloats(model, batch, "values") + k.evaluationStreams * batch.tokens * model.hidden,
  );
  return poolsTerm("judging", sizes, "forward of a layer");
}

/** Gradient of the head for one chunk in full fine-tuning; else nothing. */
export function tableTerm({ vocabulary, hidden }: ModelDescription, { kind }: PlannedAdapter): MemoryTerm {
  const floats = kind === "full" ? vocabulary * hidden : 0;
  return term("table", certain(floats), `what a chunk adds to the gradient of ${vocabulary} words`);
}

/** Pool of the head: logit arrays for a chunk of labeled tokens; chunks of a batch have equal size. */
export function logitsTerm(
  model: ModelDescription,
  { labelledTokens, layouts }: BatchShapes,
  withGradient: boolean,
): MemoryTerm {
  const { vocabulary, hiddenNorms } = model;
  const most = Math.min(
    k.maxHeadChunk,
    Math.max(k.minHeadChunk, Math.floor(k.headLogitsAtOnce / vocabulary)),
  );
  const labels = [labelledTokens, ...layouts.map((batch) => batch.labelledTokens)];
  const tokens = largest(labels.map((count) => Math.ceil(count / Math.max(1, Math.ceil(count / most)))));
  // soft-capping also needs its derivative
  const copies = withGradient && hiddenNorms === 4 ? k.headCopiesCapped : k.headCopies;
  return term(
    "logits",
    mapRange(k.headFactor, (factor) => factor * copies * tokens * vocabulary),
    `${copies} arrays of ${Math.round(tokens)} labelled tokens x ${vocabulary} words, in chunks`,
  );
}

/** Masks, positions and indexes of batches, including some not yet garbage collected. */
export function batchTerm({ layouts }: BatchShapes): MemoryTerm {
  const places = largest(layouts.map((batch) => scoreFloats({ heads: 1 }, batch)));
  return term(
    "batch",
    mapRange(k.pendingBatches, (factor) => Math.min(k.maxPendingBytes / floatBytes, factor * places)),
    "masks of this batch and of some before it",
  );
}

function poolsTerm(name: MemoryTermName, sizes: readonly number[], what: string): MemoryTerm {
  const loaded = [...sizes].sort((a, b) => b - a).slice(0, k.cachedLayouts);
  const floats = loaded.reduce((sum, size) => sum + size, 0);
  return term(
    name,
    mapRange(k.poolFactor, (factor) => factor * floats),
    `${what}: values alive at the worst point, ${loaded.length === 1 ? "one layout" : `${loaded.length} layouts`}`,
  );
}

/** Creates a term from a number of floats. */
export function term(name: MemoryTermName, floats: Factor, reason: string): MemoryTerm {
  return { name, bytes: rangeOf(floats, (count) => bytes(count * floatBytes)), reason };
}
