/** @file Settings of a search: space, rungs, prices, seed. */
import type { Range, Seconds, Usd } from "@tunewise/core/quantity";
import type { SearchPoint, SearchSpace } from "./space/hyperparameter.ts";

/** How new points are proposed. */
export type ProposerName = "random" | "halton" | "tpe" | "gaussian-process";

/** How trials are promoted from rung to rung; `none` trains every trial in full. */
export type PromotionName = "asha" | "pasha" | "none";

/** The rungs of a search in units of training: steps, rows or epochs, as the caller counts. */
export interface RungSettings {
  /** Units of the lowest rung, above 0. */
  readonly minimum: number;
  /** Units of a full run. */
  readonly maximum: number;
  /**
   * Reduction factor (eta): one in this many trials advances, and each rung is this many times longer than the one
   * before. Default 3.
   */
  readonly factor?: number;
  /**
   * Whether a promoted trial restarts, for example if a rung is a slice of the rows: it cannot resume from the rung
   * below, so its full length is paid again. Default false.
   */
  readonly restart?: boolean;
}

/** The search's budget, and the cost of its work. */
export interface SearchMoney {
  /** Total budget of search and final runs. */
  readonly budgetUsd: Usd;
  /** Reserved for the final runs. */
  readonly finalRunUsd: Usd;
  /**
   * The part of `finalRunUsd` for training one of the two final runs: the best trial and the recipe's own settings. It
   * is released for each one that was trained to the end as a trial. Default 0: nothing is released.
   */
  readonly finalTrainingUsd?: Usd;
  /** Reserved for idle machine time while fewer segments run than possible; default 0. */
  readonly idleUsd?: Usd;
  readonly usdPerHour: Range<Usd>;
  /** Duration of one unit of training with the recipe's settings; the high end decides which work may start. */
  readonly secondsPerUnit: Range<Seconds>;
  /** Overhead of each segment: loading the model, evaluating, saving. */
  readonly startSeconds: Range<Seconds>;
  /** Maximum overshoot of a run's cap before its meter stops it: one metering tick. */
  readonly tickUsd: Usd;
  /** Relative duration of a unit at a point, compared with the recipe's settings; default 1 everywhere. */
  readonly costFactor?: (point: SearchPoint) => number;
}

/** Initial funds for trials: the budget minus all reserves. */
export function trialsUsd({ budgetUsd, finalRunUsd, idleUsd = 0 as Usd }: SearchMoney): Usd {
  return (budgetUsd - finalRunUsd - idleUsd) as Usd;
}

/**
 * Everything a search depends on besides its records: the same settings and records yield the same decisions.
 */
export interface SearchSettings {
  readonly seed: number;
  readonly space: SearchSpace;
  /** The user's own settings; always the first trial. */
  readonly defaults: SearchPoint;
  readonly goal: "minimize" | "maximize";
  /** Default `gaussian-process`. */
  readonly proposer?: ProposerName;
  /** Default `asha`. */
  readonly promotion?: PromotionName;
  readonly rungs: RungSettings;
  readonly money: SearchMoney;
  /** Maximum number of trials, whatever the budget. */
  readonly maxTrials?: number;
  /** Standard deviation of the result when the same settings are run again, if known. */
  readonly noise?: number;
}
