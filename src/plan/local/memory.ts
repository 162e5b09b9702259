/**
 * @file Peak memory of a run in this engine: terms of each phase, each with its reason.
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { type Bytes, bytes, bytesText, countText } from "../../quantity/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, memoryConstants as k, ruleBytesPerParameter } from "../constants.ts";
import type { MemoryEstimate, MemoryPhase, MemoryTerm, MemoryTermName } from "../plan.ts";
import { certain, type Factor, mapRange, rangeOf, sumRanges } from "../range-arithmetic.ts";
import type { WorstBatch } from "./batches.ts";

/** What memory depends on. */
export interface MemoryNeeds {
  readonly model: ModelDescription;
  readonly adapter: PlannedAdapter;
  readonly optimizer: "adamw" | "sgd";
  readonly recompute: "none" | "layer";
  /** Of the training rows. */
  readonly train: WorstBatch;
  /** Of validation and test rows where their loss is computed; `null`: it is not. */
  readonly loss: WorstBatch | null;
  /** Rows decoded together and the length of prompt and answer; `null`: nothing is generated. */
  readonly generate: { readonly rows: number; readonly tokens: number } | null;
  readonly memoryBytes: Bytes;
}

/**
 * Memory as the largest of the phases.
 *
 * @source planning reference: peak = max over phases of weights + adapter and its states + activations +
 *   overhead
 */
export function estimateMemory(needs: MemoryNeeds): MemoryEstimate {
  const phases = [trainPhase(needs), lossPhase(needs), generatePhase(needs)].filter(
    (phase) => phase !== null,
  );
  const peak = phases.reduce((a, b) => (b.bytes.high > a.bytes.high ? b : a));
  const usable = Math.floor(needs.memoryBytes * k.usableShare);
  const biggest = peak.terms.reduce((a, b) => (b.bytes.expected > a.bytes.expected ? b : a));
  return {
    phases,
    peakBytes: {
      low: maxOf(phases, "low"),
      expected: maxOf(phases, "expected"),
      high: maxOf(phases, "high"),
    },
    peakPhase: peak.name,
    biggestTerm: biggest.name,
    usableBytes: bytes(usable),
    fits: peak.bytes.high <= usable ? "yes" : maxOf(phases, "expected") <= usable ? "tight" : "no",
    ruleOfThumbBytes: bytes(ruleBytesPerParameter * needs.model.parameters.total),
  };
}

/**
 * Floats kept per token and layer between forward and backward when nothing is recomputed: the layer's
 * input, q, k,
 * v, attention's output, the middle of the residual stream, gate, up, and the low-rank inner values.
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

function trainPhase(needs: MemoryNeeds): MemoryPhase {
  const { model, adapter, recompute, train } = needs;
  const { hidden, layers } = model;
  const kept = keptFloats(model, adapter);
  const perToken = recompute === "layer" ? hidden : kept;
  const activations = layers * perToken * train.tokens;
  const how =
    recompute === "layer" ? "the input of each layer, the rest is recomputed" : "nothing is recomputed";
  // A recomputed layer holds its own kept values while its gradient is computed, its input apart, which is
  // stored.
  const layer = (backwardFloats(model) + (recompute === "layer" ? kept - hidden : 0)) * train.tokens;
  const scores = scoreFloats(model, train);
  const oneLayer = mapRange(k.keptScoresShare, (share) => share * scores);
  const most = recompute === "none" ? k.keptScoresMost / floatBytes : 0;
  const weights = mapRange(oneLayer, (one) => Math.max(one, Math.min(most, layers * one)));
  return phaseOf("train", [
    ...residentTerms(model),
    adapterTerm(needs),
    term(
      "activations",
      mapRange(k.keptFactor, (factor) => factor * activations),
      `${train.tokens} tokens x ${layers} layers x ${perToken} values; ${how}`,
    ),
    term(
      "layer",
      mapRange(k.transientFactor, (factor) => factor * layer),
      `backward pass of one layer over ${train.tokens} tokens`,
    ),
    term(
      "attention",
      mapRange(k.transientFactor, (factor) => factor * k.backwardScores * scores),
      scoreReason(model, train, k.backwardScores),
    ),
    term(
      "attention-weights",
      weights,
      recompute === "none" ? "kept in as many layers as may be" : "of one layer, computed again",
    ),
    logitsTerm(model, train),
  ]);
}

function lossPhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, loss } = needs;
  if (!loss) return null;
  const flow = (k.keptHidden * model.hidden + 2 * model.feedForward) * loss.tokens;
  return phaseOf("loss", [
    ...residentTerms(model),
    adapterTerm(needs),
    term(
      "layer",
      mapRange(k.transientFactor, (factor) => factor * flow),
      `forward pass of one layer over ${loss.tokens} tokens`,
    ),
    term(
      "attention",
      mapRange(k.transientFactor, (factor) => factor * k.forwardScores * scoreFloats(model, loss)),
      scoreReason(model, loss, k.forwardScores),
    ),
    logitsTerm(model, loss),
  ]);
}

function generatePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, generate } = needs;
  if (!generate) return null;
  const { rows, tokens } = generate;
  const cache = 2 * model.layers * model.kvHeads * model.headWidth * rows * tokens;
  const batch = { rows, tokens: rows * tokens, longest: tokens, labelledTokens: rows, prefix: 0 };
  return phaseOf("generate", [
    ...residentTerms(model),
    adapterTerm(needs),
    term(
      "cache",
      mapRange(k.keptFactor, (factor) => factor * cache),
      `keys and values of ${rows} rows x ${tokens} tokens in ${model.layers} layers`,
    ),
    term(
      "attention",
      mapRange(k.transientFactor, (factor) => factor * k.forwardScores * scoreFloats(model, batch)),
      scoreReason(model, batch, k.forwardScores),
    ),
    term(
      "logits",
      mapRange(k.transientFactor, (factor) => factor * 2 * rows * model.vocabulary),
      `${rows} rows x ${model.vocabulary} words`,
    ),
  ]);
}

function residentTerms(model: ModelDescription): MemoryTerm[] {
  const { total } = model.parameters;
  const tied = model.tied ? ", tied embeddings once" : "";
  return [
    {
      name: "runtime",
      bytes: rangeOf(k.runtimeBytes, bytes),
      reason: "Node, the native runtime and its arenas",
    },
    term(
      "weights",
      mapRange(k.weightFactor, (factor) => factor * total),
      `${countText(total)} parameters as float32${tied}`,
    ),
  ];
}

/** The trainer's arrays stay while the model is judged, so every phase carries them. */
function adapterTerm({ adapter: { parameters }, optimizer }: MemoryNeeds): MemoryTerm {
  const isAdam = optimizer === "adamw";
  const arrays = isAdam ? k.adapterArrays : k.adapterArraysSgd;
  const what = `weight, gradient${isAdam ? ", two moments" : ", momentum"}`;
  return term("adapter", certain(arrays * parameters), `${countText(parameters)} trained values: ${what}`);
}

function logitsTerm({ vocabulary }: ModelDescription, { labelledTokens }: WorstBatch): MemoryTerm {
  const chunk = Math.min(k.headChunkMost, Math.max(k.headChunkLeast, k.headLogitsAtOnce / vocabulary));
  const tokens = Math.min(labelledTokens, chunk);
  return term(
    "logits",
    mapRange(k.transientFactor, (factor) => factor * k.headCopies * tokens * vocabulary),
    `${k.headCopies} arrays of ${Math.round(tokens)} labelled tokens x ${vocabulary} words, in chunks`,
  );
}

/** Floats alive at once in one layer's backward pass, per token. @source this engine's backward program */
function backwardFloats({ hidden, feedForward, heads, kvHeads, headWidth }: ModelDescription): number {
  return (
    k.backwardHidden * hidden +
    k.backwardFeedForward * feedForward +
    k.backwardAttention * (heads + kvHeads) * headWidth
  );
}

/**
 * Attention scores of all heads of one layer: each token after the shared beginning over all before it, and
 * the
 * beginning over itself.
 *
 * @source Vaswani et al. 2017, section 3.2.1
 */
function scoreFloats({ heads }: ModelDescription, { rows, longest, prefix }: WorstBatch): number {
  return heads * (rows * longest * (longest - prefix) + prefix * prefix);
}

function scoreReason({ heads }: ModelDescription, { rows, longest }: WorstBatch, copies: number): string {
  return `${copies} score arrays of ${rows} rows x ${heads} heads x ${longest} x ${longest}`;
}

function term(name: MemoryTermName, floats: Factor, reason: string): MemoryTerm {
  return { name, bytes: rangeOf(floats, (count) => bytes(count * floatBytes)), reason };
}

function phaseOf(name: MemoryPhase["name"], terms: readonly MemoryTerm[]): MemoryPhase {
  const used = terms.filter((part) => part.bytes.high > 0);
  return { name, terms: used, bytes: rangeOf(sumRanges(used.map((part) => part.bytes)), bytes) };
}

function maxOf(phases: readonly MemoryPhase[], point: "low" | "expected" | "high"): Bytes {
  return bytes(Math.max(...phases.map((phase) => phase.bytes[point])));
}

/** The peak in a sentence: which phase, which term, how large. */
export function memorySentence({ peakBytes, peakPhase, biggestTerm, phases }: MemoryEstimate): string {
  const term = phases.find(({ name }) => name === peakPhase)?.terms.find(({ name }) => name === biggestTerm);
  const size = term ? bytesText(term.bytes.expected) : "";
  return `${bytesText(peakBytes.expected)} at the peak, in "${peakPhase}"; ${biggestTerm} take ${size} of it`;
}
