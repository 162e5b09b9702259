/** @file Assumed costs beyond one training run. */
import type { Usd } from "@tunewise/core/quantity";

/** Assumptions from the recipe's `plan` section, and derived prices. */
export interface SpendAssumptions {
  /** Runs of the final settings. */
  readonly seeds: number;
  /** Trials of a search, and the share of each that runs before it is stopped. */
  readonly trials: number;
  readonly trialShare: number;
  /** Probability that a run fails. */
  readonly failureRate: number;
  readonly retrainsPerYear: number;
  readonly dataUsd: Usd;
  /** Prompting and larger models on the test rows. */
  readonly baselinesUsd: Usd;
  readonly storageUsd: Usd;
  readonly hostingUsd: Usd;
  readonly outcomes: number;
  readonly seed: number;
}

/** Kinds of spending, in display order. */
export const spendNames = [
  "training",
  "evaluation",
  "search",
  "failures",
  "first try",
  "retraining",
  "data",
  "baselines",
  "storage",
  "hosting",
] as const;

/** A kind of spending. */
export type SpendName = (typeof spendNames)[number];
