/** @file The plan: estimated memory, time and cost of a fine-tune, as ranges with explanations. Plain data. */

import type { Bytes, Range, Seconds, Tokens, Usd } from "@tunewise/core/quantity";
import type { PriceSource } from "../catalog/index.ts";
import type { Finding } from "../problem/index.ts";
import type { DerivedSetting } from "../recipe/index.ts";
import type { Calibration } from "./calibration/calibrate.ts";
import type { PlanBasis, PlannedPrecision } from "./input.ts";
import type { SpendOutcome } from "./money/simulate.ts";
import type { PlaceEstimate } from "./place/place.ts";
import type { TradeOff } from "./place/recommend.ts";

/** Version of the JSON format; incremented when a key changes its meaning. */
export const planFormatVersion = 2;

/**
 * A complete plan. Equal inputs yield equal plans.
 */
export interface Plan {
  readonly formatVersion: typeof planFormatVersion;
  /** SHA-256 over the rest of the plan, hex. */
  readonly fingerprint: string;
  readonly name: string;
  readonly basis: PlanBasis;
  readonly model: PlannedModel;
  readonly data: PlannedData;
  /** Derived settings, with explanations. */
  readonly settings: readonly DerivedSetting[];
  readonly schedule: Schedule;
  /** Precision of the engine on this machine, which the run and its resumes use; absent in older plans. */
  readonly precision?: PlannedPrecision;
  readonly memory: MemoryEstimate;
  readonly work: WorkEstimate;
  readonly time: TimeEstimate;
  /** Calibration of time and memory by finished runs; `null`: none. */
  readonly calibration: PlanCalibration | null;
  readonly cost: CostEstimate;
  readonly budget: BudgetVerdict;
  /** Total cost of the fine-tune on this machine. */
  readonly total: SpendOutcome;
  /** Placements: this machine, then those that fit by total cost, then the others. */
  readonly places: readonly PlaceEstimate[];
  /** Index of the recommended placement: lowest cost including waiting among those that certainly fit. */
  readonly best: number | null;
  /** Trade-off between cost and time; `null`: no alternative. */
  readonly tradeOff: TradeOff | null;
  /** Cost of searching the learning rate; `null`: already searched, or not possible. */
  readonly searchOutlook: SearchOutlook | null;
  /** Cost of prompting larger models with the test rows. */
  readonly baselines: readonly BaselinePrice[];
  /** Assumptions of the total. */
  readonly assumptions: readonly Assumption[];
  /** Advice, most severe first. */
  readonly findings: readonly Finding[];
}

/** A learning rate search and range test, compared with the run. */
export interface SearchOutlook {
  readonly trials: number;
  readonly seconds: Range<Seconds>;
  readonly usd: Range<Usd>;
  /** Ratio of the search's time to that of one run. */
  readonly timesRun: number;
  /** Range test and its time; `null`: the run is too short for it to pay off. */
  readonly rangeTest: { readonly steps: number; readonly seconds: Seconds } | null;
}

/** Calibrations by finished runs, and the uncalibrated values. */
export interface PlanCalibration {
  /** `null`: no usable runs. */
  readonly seconds: Calibration | null;
  readonly bytes: Calibration | null;
  readonly uncalibratedSeconds: Range<Seconds>;
  readonly uncalibratedBytes: Range<Bytes>;
}

/** Price of evaluating a larger model on the test rows. */
export interface BaselinePrice {
  readonly name: string;
  readonly usd: Usd;
  readonly price: PriceSource;
}

/** An assumption of the plan. */
export interface Assumption {
  /** Key of the recipe: `plan.seeds` */
  readonly key: string;
  readonly value: string | number | boolean;
  /** From the recipe, or a default. */
  readonly origin: "recipe" | "assumed";
}

/** The model and its trained parameters. */
export interface PlannedModel {
  readonly source: string;
  readonly family: string;
  /** Tied embeddings counted once. */
  readonly parameters: number;
  /** Parameters active per token in a model with experts; absent: all, or an older plan. */
  readonly activeParameters?: number;
  readonly trainedParameters: number;
  readonly method: "lora" | "qlora" | "full";
  /** 0 for full fine-tuning. */
  readonly rank: number;
  readonly targets: readonly string[];
}

/** The rows. */
export interface PlannedData {
  readonly trainRows: number;
  readonly validationRows: number;
  readonly testRows: number;
  /** Of the training rows. */
  readonly tokensPerEpoch: Tokens;
  readonly labelledTokensPerEpoch: Tokens;
  readonly longestTokens: Tokens;
}

/** Steps, evaluations and checkpoints. */
export interface Schedule {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly microBatchesPerEpoch: number;
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Training tokens of the entire run. */
  readonly tokens: Tokens;
  /** Evaluations on the validation rows during the run. */
  readonly evaluations: number;
  readonly checkpoints: number;
  /** Resolved if the recipe has `auto`: `layer` only if saving all activations might not fit. */
  readonly recompute: "none" | "layer";
  /** Storage of frozen weights on this machine. */
  readonly base: BaseHolding;
}

/** Storage of frozen weights. */
export interface BaseHolding {
  /** `stored`: in the file's 16-bit format, converted layer by layer. */
  readonly format: "float32" | "stored" | "nf4";
  /** Precision of matrix products; default `fp32`. With `bf16`, matrices are multiplied as they are stored. */
  readonly compute?: "fp32" | "bf16";
  /** `disk`: streamed layer by layer. */
  readonly place: "memory" | "disk";
}

/** Parts of a phase's memory. */
export type MemoryTermName =
  | "runtime"
  | "tokenizer"
  | "weights"
  | "adapter"
  | "activations"
  | "importance"
  | "table"
  | "attention-weights"
  | "batch"
  | "programs"
  | "judging"
  | "logits"
  | "cache";

/** One part of a phase's memory. */
export interface MemoryTerm {
  readonly name: MemoryTermName;
  readonly bytes: Range<Bytes>;
  /** Explanation with numbers. */
  readonly reason: string;
}

/** Memory of one phase, the sum of its terms. */
export interface MemoryPhase {
  readonly name: "importance" | "train" | "validate" | "forgetting" | "loss" | "generate";
  readonly terms: readonly MemoryTerm[];
  readonly bytes: Range<Bytes>;
}

/** Peak memory: the maximum over all phases. */
export interface MemoryEstimate {
  readonly phases: readonly MemoryPhase[];
  readonly peakBytes: Range<Bytes>;
  readonly peakPhase: MemoryPhase["name"];
  /** The largest term of the peak phase. */
  readonly biggestTerm: MemoryTermName;
  readonly usableBytes: Bytes;
  /** `yes`: the upper bound fits · `tight`: the expected value fits · `no`. */
  readonly fits: "yes" | "tight" | "no";
  /** The rule "12 GB per billion parameters" for full fine-tuning, for comparison only. */
  readonly ruleOfThumbBytes: Bytes;
}

/** Work in FLOP. */
export interface WorkEstimate {
  /** Training FLOP per token: linear layers, adapters, attention, head on labeled tokens. */
  readonly flopsPerToken: number;
  readonly flopsTrain: number;
  /** Share of padding in the attention grid. */
  readonly paddedShare: number;
}

/** Parts of the wall time. */
export type TimePartName =
  | "start"
  | "train"
  | "validate"
  | "importance"
  | "forgetting"
  | "save"
  | "test-base"
  | "test-tuned";

/** One part of the wall time. */
export interface TimePart {
  readonly name: TimePartName;
  readonly seconds: Range<Seconds>;
  readonly reason: string;
}

/** Wall time, without downloads. */
export interface TimeEstimate {
  readonly parts: readonly TimePart[];
  readonly seconds: Range<Seconds>;
  /** Matrix product rate used, in FLOP/s. */
  readonly flopsPerSecond: Range<number>;
  readonly isRateMeasured: boolean;
  /** Whether the training time was measured with a few real steps. */
  readonly isProbed: boolean;
  readonly trainTokensPerSecond: Range<number>;
}

/** Cost of a run. */
export interface CostEstimate {
  readonly usdPerHour: Usd;
  /** Source of the price. */
  readonly priceSource: string;
  readonly usd: Range<Usd>;
}

/** Whether the caps suffice. */
export interface BudgetVerdict {
  readonly capUsd: Usd | null;
  readonly capSeconds: Seconds | null;
  /** Time until the first cap is reached; `null`: none. */
  readonly allowedSeconds: Seconds | null;
  /** The part of the range that fits: all, up to the expected time, only the lower bound, or nothing. */
  readonly covers: "high" | "expected" | "low" | "nothing" | "no-cap";
  /** Ratio of expected to allowed time; `null` without a cap. */
  readonly expectedShare: number | null;
  /** Caps that would cover the upper bound. */
  readonly enoughUsd: Usd;
  readonly enoughSeconds: Seconds;
}
