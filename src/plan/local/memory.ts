/**
 * @file Peak memory of a run in this engine: terms of each phase, each with its reason.
 *
 * Terms follow from what the engine holds (`memory-terms.ts`), from what its programs hold (`memory-programs.ts`) and
 * from the batches they see (`memory-shapes.ts`).
 */
import type { ModelDescription } from "../../catalog/index.ts";
import { type Bytes, bytes, bytesText } from "../../quantity/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { type Calibration, calibratedRange } from "../calibration/calibrate.ts";
import { memoryConstants as k, ruleBytesPerParameter } from "../constants.ts";
import type { MemoryEstimate, MemoryPhase, MemoryTerm } from "../plan.ts";
import { certain, mapRange, rangeOf, sumRanges } from "../range-arithmetic.ts";
import type { ImportanceMemory } from "./importance.ts";
import { forwardFloats } from "./memory-programs.ts";
import type { BatchShape, BatchShapes } from "./memory-shapes.ts";
import {
  activationsTerm,
  adapterTerm,
  batchTerm,
  type HeldBase,
  judgingPoolsTerm,
  keptWeightsTerm,
  logitsTerm,
  runtimeTerm,
  tableTerm,
  term,
  tokenizerTerm,
  trainingPoolsTerm,
  weightsTerm,
} from "./memory-terms.ts";

/** What memory depends on. */
export interface MemoryNeeds {
  readonly model: ModelDescription;
  readonly adapter: PlannedAdapter;
  readonly optimizer: "adamw" | "sgd";
  readonly optimizerState: "memory" | "disk";
  readonly base: HeldBase;
  /** Importance of weights for EWC: held while training, and what taking it adds. */
  readonly importance: ImportanceMemory;
  readonly recompute: "none" | "layer";
  /** Of the training rows. */
  readonly train: BatchShapes;
  /** Of the validation rows, judged while training's memory is held; `null`: there are none. */
  readonly validation: BatchShapes | null;
  /** A look at what is forgotten; `null`: not measured. */
  readonly forgetting: {
    readonly shapes: BatchShapes;
    readonly comparedPlaces: number;
    /** Training's memory is held meanwhile: checkpoints are looked at. */
    readonly whileTraining: boolean;
  } | null;
  /** Of the test rows where their loss is computed; `null`: it is not. */
  readonly loss: BatchShapes | null;
  /** Rows decoded together and the length of prompt and answer; `null`: nothing is generated. */
  readonly generate: {
    readonly rows: number;
    readonly tokens: number;
    /** Prompts as they are read, in portions. */
    readonly prompts: BatchShapes;
  } | null;
  readonly memoryBytes: Bytes;
  /** Of finished runs; `null`: the terms as they are. */
  readonly calibration: Calibration | null;
}

/**
 * Memory as the largest of the phases.
 *
 * @source planning reference: peak = max over phases of weights + adapter and its states + activations +
 *   overhead
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

/** Before the first step, a sequence at a time. */
function importancePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, adapter, importance } = needs;
  const { sums, tokens } = importance;
  if (tokens === 0) return null;
  const row: BatchShape = { rows: 1, tokens, longest: tokens, labelledTokens: tokens, prefix: 0 };
  const shapes = { layouts: [row], labelledTokens: tokens };
  return phaseOf("importance", [
    ...alwaysHeld(needs),
    ...sums,
    activationsTerm(model, adapter, tokens, "none"),
    trainingPoolsTerm(model, shapes, "none"),
    logitsTerm(model, shapes, true),
  ]);
}

function trainPhase(needs: MemoryNeeds): MemoryPhase {
  const { model, train } = needs;
  return phaseOf("train", [...heldWhileTraining(needs), logitsTerm(model, train, true)]);
}

/** Validation in the middle of training: everything training holds, its head's pool apart, and forward programs. */
function validatePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, validation } = needs;
  if (!validation) return null;
  return phaseOf("validate", [
    ...heldWhileTraining(needs),
    judgingPoolsTerm(model, validation),
    logitsTerm(model, validation, false),
  ]);
}

/**
 * A look at a sample, in the middle of training or at its end: losses as in validation, then whole tables of logits of
 * one prompt by two models.
 */
function forgettingPhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, forgetting } = needs;
  if (!forgetting) return null;
  const { shapes, comparedPlaces, whileTraining } = forgetting;
  const tables = term(
    "logits",
    certain(2 * comparedPlaces * model.vocabulary),
    `2 arrays of ${comparedPlaces} places x ${model.vocabulary} words`,
  );
  const head = logitsTerm(model, shapes, false);
  return phaseOf("forgetting", [
    ...(whileTraining ? heldWhileTraining(needs) : alwaysHeld(needs)),
    judgingPoolsTerm(model, shapes),
    tables.bytes.expected > head.bytes.expected ? tables : head,
  ]);
}

function lossPhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, loss } = needs;
  if (!loss) return null;
  return phaseOf("loss", [
    ...alwaysHeld(needs),
    judgingPoolsTerm(model, loss),
    logitsTerm(model, loss, false),
  ]);
}

function generatePhase(needs: MemoryNeeds): MemoryPhase | null {
  const { model, generate } = needs;
  if (!generate) return null;
  const { rows, tokens, prompts } = generate;
  const cache = 2 * model.layers * model.kvHeads * model.headWidth * rows * tokens;
  return phaseOf("generate", [
    ...alwaysHeld(needs),
    term(
      "cache",
      mapRange(k.cacheFactor, (factor) => factor * cache),
      `keys and values of ${rows} rows x ${tokens} tokens in ${model.layers} layers`,
    ),
    judgingPoolsTerm(model, { ...prompts, layouts: [...prompts.layouts.slice(0, 1)] }),
    decodePoolTerm(model, rows, tokens),
    term(
      "logits",
      certain(2 * rows * model.vocabulary),
      `2 arrays of ${rows} rows x ${model.vocabulary} words`,
    ),
  ]);
}

/** The program that reads one token of each row over the cache, whose keys and values it joins with the new ones. */
function decodePoolTerm(model: ModelDescription, rows: number, tokens: number): MemoryTerm {
  const one: BatchShape = { rows, tokens: rows, longest: 1, labelledTokens: 0, prefix: 0 };
  const scores = 2 * rows * model.heads * tokens;
  return term(
    "programs",
    mapRange(k.poolFactor, (factor) => factor * (forwardFloats(model, one, "values") + scores)),
    `one token of ${rows} rows over ${tokens} cached ones`,
  );
}

function heldWhileTraining(needs: MemoryNeeds): MemoryTerm[] {
  const { model, adapter, recompute, train, importance } = needs;
  const tokens = train.layouts.reduce((most, batch) => Math.max(most, batch.tokens), 0);
  return [
    ...alwaysHeld(needs),
    ...importance.held,
    batchTerm(train),
    tableTerm(model, adapter),
    activationsTerm(model, adapter, tokens, recompute),
    ...(recompute === "none" ? [keptWeightsTerm(model, train.layouts)] : []),
    trainingPoolsTerm(model, train, recompute),
  ];
}

function alwaysHeld(needs: MemoryNeeds): MemoryTerm[] {
  const { model, adapter, optimizer, optimizerState, base, forgetting, importance } = needs;
  return [
    runtimeTerm(forgetting !== null || importance.tokens > 0),
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

/** The peak in a sentence: which phase, which term, how large. */
export function memorySentence({ peakBytes, peakPhase, biggestTerm, phases }: MemoryEstimate): string {
  const biggest = phases
    .find(({ name }) => name === peakPhase)
    ?.terms.find(({ name }) => name === biggestTerm);
  const size = biggest ? bytesText(biggest.bytes.expected) : "";
  return `${bytesText(peakBytes.expected)} at the peak, in "${peakPhase}"; ${biggestTerm} take ${size} of it`;
}
