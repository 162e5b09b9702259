/**
 * @file Everything beside one training run that costs money, as a plan assumes it.
 */
import type { Usd } from "../../quantity/index.ts";

/** What is assumed; the recipe's `plan` section, and prices that follow from it. */
export interface SpendAssumptions {
  /** Runs of the final setting. */
  readonly seeds: number;
  /** Runs of a search, and the share of each that runs before it is stopped. */
  readonly trials: number;
  readonly trialShare: number;
  /** Chance of a run to break. */
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

/** What money goes for, in the order it is shown. */
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
