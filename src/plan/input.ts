/**
 * @file What a plan is made from; nothing else may influence it.
 */
import type { InferenceOffer, ModelDescription } from "../catalog/index.ts";
import type { EncodedRow, Splits } from "../dataset/index.ts";
import type { Bytes } from "../quantity/index.ts";
import type { DerivedSetting, Recipe } from "../recipe/index.ts";
import type { FinishedRun } from "./calibration/calibrate.ts";
import type { HostedPlace, Place } from "./place/place.ts";

/** One row's length, after truncation. */
export interface RowLength {
  readonly tokens: number;
  /** Tokens that carry loss. */
  readonly labelledTokens: number;
  /** Tokens before the answer. */
  readonly promptTokens: number;
}

/** What a probe measured. */
export interface ProbeFacts {
  /** Opening the model and making programs. */
  readonly startSeconds: number;
  readonly steps: number;
  /** Tokens of the rows over the time of steps after the first. */
  readonly trainTokensPerSecond: number;
  /** Of a loss without gradients; `null`: nothing is judged by loss. */
  readonly lossTokensPerSecond: number | null;
  /** Of decoding a group; `null`: nothing is judged by answers. */
  readonly decode: {
    readonly secondsPerToken: number;
    readonly prefillSeconds: number;
    /** Longest answer of the base model in the group. */
    readonly baseTokens: number;
  } | null;
}

/** A machine that others use as well. */
export interface BusyMachine {
  readonly cores: number;
  /** Programs that want a processor; `null`: the system does not say. */
  readonly load: number | null;
  /** Processor time that the measurement got, as a share of what it would have had alone. */
  readonly processorShare: number;
}

/** What is known of the machine; `app` reads it, so that a plan can be made for another one. */
export interface MachineFacts {
  readonly memoryBytes: Bytes;
  /** Threads the runtime will use. */
  readonly threads: number;
  /** Measured rate of bare float32 matrix products with these threads, in FLOP/s; `null`: not measured. */
  readonly flopsPerSecond: number | null;
  /** How busy it was meanwhile; absent: not looked at. */
  readonly busy?: BusyMachine;
  /** Measured reading speed of memory in bytes/s; `null`: not measured. */
  readonly memoryBytesPerSecond: number | null;
  /** Bytes of a weight in the model's files, where the engine can hold them like that; 4 where it cannot. */
  readonly storedWeightBytes: number;
  /** A few real steps; `null`: none were made. */
  readonly probe: ProbeFacts | null;
}

/** What judging will need; from the table of metrics. */
export interface JudgingNeeds {
  /** Some metric needs generated answers. */
  readonly answers: boolean;
  /** Some metric needs the loss on the test rows. */
  readonly loss: boolean;
  /**
   * Smallest difference the test rows can show, a share; `null` where no metric is a share of right answers.
   */
  readonly detectableEffect: number | null;
}

/** What measuring forgetting will ask: lengths of the rows that will be used. */
export interface ForgettingLoad {
  /** Documents, and questions with each of their choices. */
  readonly rows: readonly RowLength[];
  /** Prompts that are compared at every place: all their tokens carry loss. */
  readonly prompts: readonly RowLength[];
  /** Prompts that must still work; an answer of about the length that is allowed counts to their tokens. */
  readonly musts: readonly RowLength[];
  /** What each look during training takes of them. */
  readonly sample: { readonly rows: readonly RowLength[]; readonly prompts: readonly RowLength[] };
}

/**
 * Which rows go together in an epoch, as indices into their lengths; a pure function. The engine's own, handed in, so
 * that a plan of a few steps sees the very batches that will come.
 */
export type BatchOrder = (
  lengths: readonly number[],
  settings: Pick<Recipe["training"], "batching" | "batchSize" | "seed"> & { readonly maxLength: number },
  epoch: number,
) => readonly (readonly number[])[];

/** Everything a plan depends on. */
export interface PlanInput {
  readonly recipe: Recipe;
  /** Settings that the recipe's file leaves out; the recipe holds their values. */
  readonly derived: readonly DerivedSetting[];
  /** Absent: not known; a run of a few steps is then planned with the longest batch of the epoch. */
  readonly order?: BatchOrder;
  readonly model: ModelDescription;
  /** Lengths of the rows that will be used. */
  readonly lengths: Splits<RowLength>;
  /**
   * Tokens that all training rows begin with, such as a system prompt; computed once per batch. 0: not known.
   */
  readonly sharedPrefixTokens: number;
  readonly machine: MachineFacts;
  /** Finished runs of this machine and this version of the engine, beside their plans; they calibrate this one. */
  readonly finished?: readonly FinishedRun[];
  /** The record has trials of a search with this model on these rows; absent: not looked at, so none is advised. */
  readonly isSearched?: boolean;
  readonly judging: JudgingNeeds;
  /** `null`: the recipe does not want it measured. */
  readonly forgetting: ForgettingLoad | null;
  /** Machines that can be rented, vendors that train, vendors that answer; none are looked at where none are given. */
  readonly market: Market;
  /** What the plan was made for; a plan is stale when one of them differs. */
  readonly basis: PlanBasis;
}

/** What has a price. */
export interface Market {
  readonly machines: readonly Place[];
  readonly hosted: readonly HostedPlace[];
  readonly answers: readonly InferenceOffer[];
}

/** A market with nothing on offer. */
export const emptyMarket: Market = { machines: [], hosted: [], answers: [] };

/** Fingerprints of what may change between plan and run. */
export interface PlanBasis {
  readonly recipeFingerprint: string;
  readonly dataFingerprint: string;
  readonly modelRevision: string;
  /** Of the prices that were looked at, with their dates. */
  readonly pricesFingerprint: string;
}

/** Lengths of encoded rows. */
export function rowLengths(rows: readonly EncodedRow[]): RowLength[] {
  return rows.map(({ ids, labelled, promptLength }) => ({
    tokens: ids.length,
    labelledTokens: labelled.reduce((sum, flag) => sum + flag, 0),
    promptTokens: promptLength,
  }));
}
