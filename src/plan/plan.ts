/**
 * @file The plan: what a fine-tune will take, as ranges with reasons. Plain data.
 */

import type { PriceSource } from "../catalog/index.ts";
import type { Finding } from "../problem/index.ts";
import type { Bytes, Range, Seconds, Tokens, Usd } from "../quantity/index.ts";
import type { DerivedSetting } from "../recipe/index.ts";
import type { Calibration } from "./calibration/calibrate.ts";
import type { PlanBasis } from "./input.ts";
import type { SpendOutcome } from "./money/simulate.ts";
import type { PlaceEstimate } from "./place/place.ts";
import type { TradeOff } from "./place/recommend.ts";
import type { SearchOutlook } from "./search-outlook.ts";

/** Version of the plan's form as JSON; raised when a key changes its meaning. */
export const planFormatVersion = 2;

/** A whole plan. Equal inputs give equal plans. */
export interface Plan {
  readonly formatVersion: typeof planFormatVersion;
  /** SHA-256 over the rest of the plan, hex. */
  readonly fingerprint: string;
  readonly name: string;
  readonly basis: PlanBasis;
  readonly model: PlannedModel;
  readonly data: PlannedData;
  /** Settings that the recipe leaves out, with where their values come from. */
  readonly settings: readonly DerivedSetting[];
  readonly schedule: Schedule;
  readonly memory: MemoryEstimate;
  readonly work: WorkEstimate;
  readonly time: TimeEstimate;
  /** What finished runs here did to times and memory; `null`: there were none. */
  readonly calibration: PlanCalibration | null;
  readonly cost: CostEstimate;
  readonly budget: BudgetVerdict;
  /** Everything the fine-tune will cost on this machine. */
  readonly total: SpendOutcome;
  /** Places to run it: this machine, then those that fit by what all of it costs, then those that do not. */
  readonly places: readonly PlaceEstimate[];
  /** Position of the recommended place: of those that fit for certain the one with the least cost and waiting. */
  readonly best: number | null;
  /** What the recommendation trades: money for time; `null`: no place is both cheaper and slower, or quicker. */
  readonly tradeOff: TradeOff | null;
  /** What searching the learning rate would take; `null`: it was searched, or cannot be. */
  readonly searchOutlook: SearchOutlook | null;
  /** What prompting and larger models would cost on the test rows. */
  readonly baselines: readonly BaselinePrice[];
  /** What the total assumes. */
  readonly assumptions: readonly Assumption[];
  /** Advice, worst first. */
  readonly findings: readonly Finding[];
}

/** How finished runs moved the plan, and what it was without them. */
export interface PlanCalibration {
  /** `null`: no run gives one. */
  readonly seconds: Calibration | null;
  readonly bytes: Calibration | null;
  readonly uncalibratedSeconds: Range<Seconds>;
  readonly uncalibratedBytes: Range<Bytes>;
}

/** The price of judging a larger model on the test rows. */
export interface BaselinePrice {
  readonly name: string;
  readonly usd: Usd;
  readonly price: PriceSource;
}

/** Something the plan takes for given. */
export interface Assumption {
  /** Key of the recipe: `plan.seeds` */
  readonly key: string;
  readonly value: string | number | boolean;
  /** The recipe says so, or it is what the plan assumes by itself. */
  readonly origin: "recipe" | "assumed";
}

/** The model and what is trained of it. */
export interface PlannedModel {
  readonly source: string;
  readonly family: string;
  /** Tied embeddings counted once. */
  readonly parameters: number;
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

/** How the rows become steps. */
export interface Schedule {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly microBatchesPerEpoch: number;
  /** Passes over the training rows that the steps amount to. */
  readonly epochs: number;
  /** Training tokens of the whole run. */
  readonly tokens: Tokens;
  /** Judgings of the validation rows during the run. */
  readonly evaluations: number;
  readonly checkpoints: number;
  /** Decided here where the recipe says `auto`: `layer` only if keeping everything might not fit. */
  readonly recompute: "none" | "layer";
  /** How frozen weights are held on this machine. */
  readonly base: BaseHolding;
}

/** How frozen weights are held. */
export interface BaseHolding {
  /** `stored`: in the file's own 16 bits, widened layer by layer. */
  readonly format: "float32" | "stored" | "nf4";
  /** `disk`: read layer by layer. */
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
  /** The numbers it comes from, as a sentence. */
  readonly reason: string;
}

/** Memory of one phase: its terms are alive together. */
export interface MemoryPhase {
  readonly name: "importance" | "train" | "validate" | "forgetting" | "loss" | "generate";
  readonly terms: readonly MemoryTerm[];
  readonly bytes: Range<Bytes>;
}

/** Peak memory: phases do not add, the largest decides. */
export interface MemoryEstimate {
  readonly phases: readonly MemoryPhase[];
  readonly peakBytes: Range<Bytes>;
  readonly peakPhase: MemoryPhase["name"];
  /** The largest term of the peak phase. */
  readonly biggestTerm: MemoryTermName;
  readonly usableBytes: Bytes;
  /** `yes`: the high end fits · `tight`: the expected value does · `no`. */
  readonly fits: "yes" | "tight" | "no";
  /**
   * The rule "12 GB per billion parameters", for full fine-tuning: beside the estimate, never as the verdict.
   */
  readonly ruleOfThumbBytes: Bytes;
}

/** Arithmetic. */
export interface WorkEstimate {
  /** Training, per token of the rows: linear layers, adapters, attention, head on labelled tokens. */
  readonly flopsPerToken: number;
  readonly flopsTrain: number;
  /** Share of the attention grid that is padding. */
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

/** Wall time. Downloads are not in it. */
export interface TimeEstimate {
  readonly parts: readonly TimePart[];
  readonly seconds: Range<Seconds>;
  /** Rate of bare matrix products that was used, in FLOP/s. */
  readonly flopsPerSecond: Range<number>;
  readonly isRateMeasured: boolean;
  /** Training time comes from a few real steps. */
  readonly isProbed: boolean;
  readonly trainTokensPerSecond: Range<number>;
}

/** Money. */
export interface CostEstimate {
  readonly usdPerHour: Usd;
  /** Where the price comes from. */
  readonly priceSource: string;
  readonly usd: Range<Usd>;
}

/** Whether the caps are enough. */
export interface BudgetVerdict {
  readonly capUsd: Usd | null;
  readonly capSeconds: Seconds | null;
  /** The cap that acts first, as time; `null`: none. */
  readonly allowedSeconds: Seconds | null;
  /**
   * How much of the range fits: all of it, the expected time, only a lucky run, or nothing; `no-cap` if
   * uncapped.
   */
  readonly covers: "high" | "expected" | "low" | "nothing" | "no-cap";
  /** Expected time over allowed time; `null` without a cap. */
  readonly expectedShare: number | null;
  /** Caps that would cover the high end. */
  readonly enoughUsd: Usd;
  readonly enoughSeconds: Seconds;
}
