/**
 * @file Peak memory of a run in the local engine: terms of each phase, with explanations.
 *
 * Terms depend on the engine's data (`memory-terms.ts`), its programs (`memory-programs.ts`) and the batches
 * (`memory-shapes.ts`).
 */

import { type Bytes, bytes, bytesText, countOf } from "@tunewise/core/quantity";
import type { EngineOptimizer } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { type Calibration, calibratedRange } from "../calibration/calibrate.ts";
import { memoryConstants as k, ruleBytesPerParameter } from "../constants.ts";
import type { MemoryEstimate, MemoryPhase, MemoryTerm } from "../plan.ts";
import { certain, mapRange, rangeOf, sumRanges } from "../range-arithmetic.ts";
import { cacheBytes } from "./base-storage.ts";
import type { ImportanceMemory } from "./importance.ts";
import { forwardFloats } from "./memory-programs.ts";
import type { BatchShape, BatchShapes } from "./memory-shapes.ts";
import {
  activationsTerm,
  adapterTerm,
  batchTerm,
  evaluationPoolsTerm,
  type HeldBase,
  logitsTerm,
  runtimeTerm,
  savedAttentionTerm,
  tableTerm,
  term,
  tokenizerTerm,
  trainingPoolsTerm,
  weightsTerm,
} from "./memory-terms.ts";

/** Inputs of the memory estimate. */
export interface MemoryNeeds {
  readonly model: ModelDescription;
  readonly adapter: PlannedAdapter;
  readonly optimizer: EngineOptimizer;
  readonly optimizerState: "memory" | "disk";
  /** Whether a step runs two head programs; see `takesTwoPasses`. */
  readonly hasTwoHeads: boolean;
  readonly base: HeldBase;
  /** Importance of weights for EWC, during estimation and training. */
  readonly importance: ImportanceMemory;
  readonly recompute: "none" | "layer";
  /** Shapes of training batches. */
  readonly train: BatchShapes;
  /** Shapes of validation batches, evaluated while training's memory is held; `null`: none. */
  readonly validation: BatchShapes | null;
  /** Measurement of forgetting; `null`: none. */
  readonly forgetting: {
    readonly shapes: BatchShapes;
    readonly comparedPlaces: number;
    /** Whether it is measured while training's memory is held. */
    readonly whileTraining: boolean;
  } | null;
  /** Shapes of test batches for computing losses; `null`: none. */
  readonly loss: BatchShapes | null;
  /** Rows decoded together, and the length of prompt and answer; `null`: no generation. */
  readonly generate: {
    readonly rows: number;
    readonly tokens: number;
    /** Shapes of prefill batches. */
    readonly prompts: BatchShapes;
  } | null;
  readonly memoryBytes: Bytes;
  /** Calibration by finished runs; `null`: none. */
  readonly calibration: Calibration | null;
}

/**
 * Estimates memory as the maximum over all phases.
 *
 * @source planning reference: peak = max over phases of weights + adapter and its states + activations + overhead
 */
export function estimateMemory(needs: MemoryNeeds): MemoryEstimate {
  const phases = [
    importancePhase(needs),
    trainPhase(needs),
    validatePhase(needs),
    forgettingPhase(needs),
    lossPhase(needs),
    generatePhase(needs),
  ]
    .filter((phase) => phase !== null)
    .map((phase) => ({ ...phase, bytes: calibratedRange(phase.bytes, needs.calibration, bytes) }));
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

/** Importance estimation before the first step, one sequence at a time. */
function importancePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, adapter, importance, base } = needs;
  const { sums, tokens } = importance;
  if (tokens === 0) return null;
  const row: BatchShape = { rows: 1, tokens, longest: tokens, labelledTokens: tokens, prefix: 0 };
  const shapes = { layouts: [row], labelledTokens: tokens };
  return phaseOf("importance", [
    ...alwaysResident(needs),
    ...sums,
    activationsTerm(model, adapter, tokens, "none", base),
    trainingPoolsTerm(model, shapes, "none"),
    logitsTerm(model, shapes, true),
  ]);
}

function trainPhase(needs: MemoryNeeds): MemoryPhase {
  const { model, train, hasTwoHeads } = needs;
  const firstHead = hasTwoHeads ? [logitsTerm(model, train, false)] : [];
  return phaseOf("train", [...residentInTraining(needs), ...firstHead, logitsTerm(model, train, true)]);
}

/** Validation during training: training's memory except its head pool, plus forward programs. */
function validatePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, validation } = needs;
  if (!validation) return null;
  return phaseOf("validate", [
    ...residentInTraining(needs),
    evaluationPoolsTerm(model, validation),
    logitsTerm(model, validation, false),
  ]);
}

/**
 * Measurement of forgetting during or after training: losses as in validation, then the logits of one prompt by two
 * models.
 */
function forgettingPhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, forgetting } = needs;
  if (!forgetting) return null;
  const { shapes, comparedPlaces, whileTraining } = forgetting;
  const tables = term(
    "logits",
    certain(2 * comparedPlaces * model.vocabulary),
    `2 arrays of ${countOf(comparedPlaces, "place")} x ${model.vocabulary} words`,
  );
  const head = logitsTerm(model, shapes, false);
  return phaseOf("forgetting", [
    ...(whileTraining ? residentInTraining(needs) : alwaysResident(needs)),
    evaluationPoolsTerm(model, shapes),
    tables.bytes.expected > head.bytes.expected ? tables : head,
  ]);
}

function lossPhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, loss } = needs;
  if (!loss) return null;
  return phaseOf("loss", [
    ...alwaysResident(needs),
    evaluationPoolsTerm(model, loss),
    logitsTerm(model, loss, false),
  ]);
}

function generatePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, generate } = needs;
  if (!generate) return null;
  const { rows, tokens, prompts } = generate;
  const numbers = 2 * model.layers * model.kvHeads * model.headWidth * rows * tokens;
  const cache = (numbers * cacheBytes(model, needs.base.holding)) / 4;
  return phaseOf("generate", [
    ...alwaysResident(needs),
    term(
      "cache",
      mapRange(k.cacheFactor, (factor) => factor * cache),
      `keys and values of ${countOf(rows, "row")} x ${countOf(tokens, "token")} in ${countOf(model.layers, "layer")}`,
    ),
    evaluationPoolsTerm(model, { ...prompts, layouts: [...prompts.layouts.slice(0, 1)] }),
    decodePoolTerm(model, rows, tokens),
    term(
      "logits",
      certain(2 * rows * model.vocabulary),
      `2 arrays of ${countOf(rows, "row")} x ${model.vocabulary} words`,
    ),
  ]);
}

/**
 * The decoding program: one token of each row over the KV cache, whose keys and values are concatenated with the new
 * ones.
 */
function decodePoolTerm(model: ModelDescription, rows: number, tokens: number): MemoryTerm {
  const one: BatchShape = { rows, tokens: rows, longest: 1, labelledTokens: 0, prefix: 0 };
  const scores = 2 * rows * model.heads * tokens;
  return term(
    "programs",
    mapRange(k.poolFactor, (factor) => factor * (forwardFloats(model, one, "values") + scores)),
    `one token of ${countOf(rows, "row")} over ${tokens} cached ones`,
  );
}

function residentInTraining(needs: MemoryNeeds): MemoryTerm[] {
  const { model, adapter, recompute, train, importance, base } = needs;
  const tokens = train.layouts.reduce((most, batch) => Math.max(most, batch.tokens), 0);
  return [
    ...alwaysResident(needs),
    ...importance.held,
    batchTerm(train),
    tableTerm(model, adapter),
    activationsTerm(model, adapter, tokens, recompute, base),
    ...(recompute === "none" ? [savedAttentionTerm(model, train.layouts)] : []),
    trainingPoolsTerm(model, train, recompute),
  ];
}

function alwaysResident(needs: MemoryNeeds): MemoryTerm[] {
  const { model, adapter, optimizer, optimizerState, base, forgetting, importance } = needs;
  return [
    runtimeTerm(forgetting !== null || importance.tokens > 0, base),
    tokenizerTerm(model),
    weightsTerm(model, base),
    adapterTerm(adapter, optimizer, optimizerState),
  ];
}

function phaseOf(name: MemoryPhase["name"], terms: readonly MemoryTerm[]): MemoryPhase {
  const used = terms.filter((part) => part.bytes.high > 0);
  return { name, terms: used, bytes: rangeOf(sumRanges(used.map((part) => part.bytes)), bytes) };
}

function maxOf(phases: readonly MemoryPhase[], point: "low" | "expected" | "high"): Bytes {
  return bytes(Math.max(...phases.map((phase) => phase.bytes[point])));
}

/** Describes the peak: phase, largest term, and size. */
export function memorySentence({ peakBytes, peakPhase, biggestTerm, phases }: MemoryEstimate): string {
  const biggest = phases
    .find(({ name }) => name === peakPhase)
    ?.terms.find(({ name }) => name === biggestTerm);
  const size = biggest ? bytesText(biggest.bytes.expected) : "";
  return `${bytesText(peakBytes.expected)} at the peak, in "${peakPhase}"; ${biggestTerm} take ${size} of it`;
}
