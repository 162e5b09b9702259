/** @file Inputs of a plan; nothing else may influence it. */

import type { Bytes } from "@tunewise/core/quantity";
import type { EncodedRow, Splits } from "@tunewise/core/rows";
import type { InferenceOffer, ModelDescription } from "../catalog/index.ts";
import type { DerivedSetting, Recipe } from "../recipe/index.ts";
import type { FinishedRun } from "./calibration/calibrate.ts";
import type { HostedPlacement, OwnMachine, Placement } from "./place/place.ts";
import type { Traces } from "./trace/trace.ts";

/** Length of a row after truncation. */
export interface RowLength {
  readonly tokens: number;
  /** Tokens that contribute to the loss. */
  readonly labelledTokens: number;
  /** Tokens before the answer. */
  readonly promptTokens: number;
}

/** Measurements of a probe. */
export interface ProbeFacts {
  /** Loading the model and building programs. */
  readonly startSeconds: number;
  readonly steps: number;
  /** Throughput of the steps after the first. */
  readonly trainTokensPerSecond: number;
  /** Throughput of losses without gradients; `null`: not needed. */
  readonly lossTokensPerSecond: number | null;
  /** Decoding of a group; `null`: not needed. */
  readonly decode: {
    readonly secondsPerToken: number;
    readonly prefillSeconds: number;
    /** Length of the base model's longest answer in the group. */
    readonly baseTokens: number;
  } | null;
}

/** Load of the machine during a measurement. */
export interface BusyMachine {
  readonly cores: number;
  /** Load average; `null`: unknown. */
  readonly load: number | null;
  /** CPU time of the measurement relative to an idle machine. */
  readonly processorShare: number;
}

/** Precision of matrix products on this machine, and the reason for it. */
export interface PlannedPrecision {
  readonly compute: "fp32" | "bf16";
  /** The reason, as a clause with numbers. */
  readonly reason: string;
  /** Measured tokens per second of a step in both precisions; `null` if only one was available. */
  readonly rates: { readonly fp32: number; readonly bf16: number } | null;
}

/** Properties of the machine; provided by `app`, so that plans for other machines are possible. */
export interface MachineFacts {
  readonly memoryBytes: Bytes;
  /** Threads the runtime will use. */
  readonly threads: number;
  /** Precision of the engine's matrix products on this machine. */
  readonly compute: "fp32" | "bf16";
  /** The precision with its reason; absent: unknown. */
  readonly precision?: PlannedPrecision;
  /** Measured rate of such matrix products with these threads, in FLOP/s; `null`: not measured. */
  readonly flopsPerSecond: number | null;
  /** Load during the measurement; absent: unknown. */
  readonly busy?: BusyMachine;
  /** Measured memory bandwidth in bytes/s; `null`: not measured. */
  readonly memoryBytesPerSecond: number | null;
  /** Bytes of a weight in the model's files if the engine can keep that format, else 4. */
  readonly storedWeightBytes: number;
  /** Measurements of a few real steps; `null`: none. */
  readonly probe: ProbeFacts | null;
}

/** Requirements of the evaluation, from the table of metrics. */
export interface JudgingNeeds {
  /** Some metric needs generated answers. */
  readonly answers: boolean;
  /** Some metric needs the loss on the test rows. */
  readonly loss: boolean;
  /** Minimum detectable effect of the test rows as a share; `null` if no metric is a share of correct answers. */
  readonly detectableEffect: number | null;
}

/** Lengths of the rows used to measure forgetting. */
export interface ForgettingLoad {
  /** Documents, and one row per choice of each question. */
  readonly rows: readonly RowLength[];
  /** Prompts whose logits are compared at every position. */
  readonly prompts: readonly RowLength[];
  /** Regression prompts; their tokens include an answer of about the max. length. */
  readonly regressionPrompts: readonly RowLength[];
  /** Subset measured at each evaluation during training. */
  readonly sample: { readonly rows: readonly RowLength[]; readonly prompts: readonly RowLength[] };
}

/**
 * Batches of an epoch as indexes into the lengths; a pure function. Provided by the engine, so that a plan of a few
 * steps sees the exact batches of the run.
 */
export type BatchOrder = (
  lengths: readonly number[],
  settings: Pick<Recipe["training"], "batching" | "batchSize" | "seed"> & { readonly maxLength: number },
  epoch: number,
) => readonly (readonly number[])[];

/** Everything a plan depends on. */
export interface PlanInput {
  readonly recipe: Recipe;
  /** Derived settings that are missing in the recipe's file; the recipe has their values. */
  readonly derived: readonly DerivedSetting[];
  /** Absent: unknown; a run of a few steps is then planned with the longest batch of the epoch. */
  readonly order?: BatchOrder;
  readonly model: ModelDescription;
  /** Lengths of the rows. */
  readonly lengths: Splits<RowLength>;
  /**
   * Length of the prefix shared by all training rows, such as a system prompt, which is computed once per batch; 0:
   * unknown.
   */
  readonly sharedPrefixTokens: number;
  readonly machine: MachineFacts;
  /** Finished runs on this machine with this version of the engine, for calibration. */
  readonly finished?: readonly FinishedRun[];
  /** Whether a search with this model and these rows was recorded; absent: unknown, so the plan does not advise one. */
  readonly isSearched?: boolean;
  /** Steps traced by the worker, by layout and card; absent: none. */
  readonly traces?: Traces;
  /** The user's own cards; absent: none known. */
  readonly own?: OwnMachine | null;
  readonly judging: JudgingNeeds;
  /** `null`: not measured. */
  readonly forgetting: ForgettingLoad | null;
  /** Offers to consider: machines, hosted training, inference. */
  readonly market: Market;
  /** Fingerprints of the inputs; a plan is stale if one of them differs. */
  readonly basis: PlanBasis;
}

/** Offers with prices. */
export interface Market {
  readonly machines: readonly Placement[];
  readonly hosted: readonly HostedPlacement[];
  readonly answers: readonly InferenceOffer[];
}

/** A market without offers. */
export const emptyMarket: Market = { machines: [], hosted: [], answers: [] };

/** Fingerprints of inputs that may change between plan and run. */
export interface PlanBasis {
  readonly recipeFingerprint: string;
  readonly dataFingerprint: string;
  readonly modelRevision: string;
  /** Fingerprint of the prices and their dates. */
  readonly pricesFingerprint: string;
}

/** Returns the lengths of encoded rows. */
export function rowLengths(rows: readonly EncodedRow[]): RowLength[] {
  return rows.map(({ ids, labelled, promptLength }) => ({
    tokens: ids.length,
    labelledTokens: labelled.reduce((sum, flag) => sum + flag, 0),
    promptTokens: promptLength,
  }));
}
