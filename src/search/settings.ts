/**
 * @file What a search is told before it begins: space, rungs, prices, seed.
 */
import type { Range, Seconds, Usd } from "../quantity/index.ts";
import type { SearchPoint, SearchSpace } from "./space/hyperparameter.ts";

/** How new points are proposed. */
export type ProposerName = "random" | "halton" | "tpe" | "gaussian-process";

/** How trials are promoted from rung to rung; `none` runs every trial in full. */
export type PromotionName = "asha" | "pasha" | "none";

/** The ladder of a search, in units of training: steps, rows, epochs, as the caller counts. */
export interface RungSettings {
  /** Units of the lowest rung, above 0. */
  readonly minimum: number;
  /** Units of a full run. */
  readonly maximum: number;
  /** Of a rung's trials one in so many goes on; each rung is so many times longer than the one before. Default 3. */
  readonly factor?: number;
  /**
   * Whether a promoted trial begins anew, as where a rung is a slice of the rows, so that nothing of the rung below can
   * be gone on with and its whole length is paid again. Default false.
   */
  readonly restart?: boolean;
}

/** What the search may spend, and what work costs. */
export interface SearchMoney {
  /** All that search and final run together may cost. */
  readonly budgetUsd: Usd;
  /** Kept back for the final run. */
  readonly finalRunUsd: Usd;
  /**
   * Of that, what training one of the two final runs takes: the best trial's and the recipe's own. It is released for
   * each of them once it has been trained to the end as a trial; default 0, nothing is released.
   */
  readonly finalTrainingUsd?: Usd;
  /** Kept back for what of the machine stands idle while fewer stretches run than could; default 0. */
  readonly idleUsd?: Usd;
  readonly usdPerHour: Range<Usd>;
  /** How long one unit of training takes with the recipe's settings; the high end decides what may start. */
  readonly secondsPerUnit: Range<Seconds>;
  /** What each stretch of work takes besides: loading the model, evaluating, saving. */
  readonly startSeconds: Range<Seconds>;
  /** How much a run can be over its own cap before its meter stops it: one tick of metering. */
  readonly tickUsd: Usd;
  /** How many times as long a unit takes at a point as with the recipe's settings; default 1 everywhere. */
  readonly costFactor?: (point: SearchPoint) => number;
}

/** What is left for trials before any result: all but what is kept back. */
export function trialsUsd({ budgetUsd, finalRunUsd, idleUsd = 0 as Usd }: SearchMoney): Usd {
  return (budgetUsd - finalRunUsd - idleUsd) as Usd;
}

/** Everything a search depends on, besides its records: the same settings and records give the same decisions. */
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
  /** At most so many trials, whatever the money says. */
  readonly maxTrials?: number;
  /** Standard deviation of the result when the same settings are run again, where it is known. */
  readonly noise?: number;
}
