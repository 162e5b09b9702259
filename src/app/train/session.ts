/** @file One sitting of a run: everything that is open while it lasts. */

import type { Adapter, LanguageModel, Trainer } from "../../engine/index.ts";
import type { ForgettingMonitor, Regularization } from "../../executors/index.ts";
import type { LossToBeat } from "../../guard/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { type Seconds, seconds, type Usd, usd } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { TrainingState } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { CheckpointOwner, RunFolder, Store } from "../../track/index.ts";
import type { Meter } from "../runs/index.ts";
import type { EarlierVerdicts } from "./earlier-verdicts.ts";
import type { LiveLogs } from "./live/live-logs.ts";
import type { Recorder } from "./recorder.ts";

/** Open while a run is at work. */
export interface RunSession {
  readonly runId: string;
  readonly createdAt: string;
  readonly runtime: Runtime;
  readonly recipe: Recipe;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly folder: RunFolder;
  /** Whose the checkpoints are. */
  readonly owner: CheckpointOwner;
  readonly store: Store;
  readonly recorder: Recorder;
  /** Throws `RUN_FOLDER_GONE` where the run's folder is not the one that was opened any more. */
  readonly demandFolder: () => Promise<void>;
  readonly meter: Meter;
  /** Where the run is logged besides. */
  readonly live: LiveLogs;
  readonly model: LanguageModel;
  readonly adapter: Adapter;
  readonly trainer: Trainer;
  /** What pulls back towards the base; `null`: nothing. */
  readonly regularization: Regularization | null;
  /** `null`: the recipe does not want forgetting measured. */
  readonly forgetting: ForgettingMonitor | null;
  /** State of the curves at the start of this sitting. */
  readonly start: TrainingState;
  /** Validation loss to beat; `null`: none is known. */
  readonly target: LossToBeat | null;
  /** What guards said in earlier sittings, and which of them were overruled, up to now. */
  readonly earlier: EarlierVerdicts;
}

/** The recipe's caps as quantities. */
export function capsOf({ budget }: Recipe): {
  readonly capUsd: Usd | null;
  readonly capSeconds: Seconds | null;
} {
  return {
    capUsd: budget.usd === null ? null : usd(budget.usd),
    capSeconds: budget.minutes === null ? null : seconds(budget.minutes * 60),
  };
}

/** Seconds until the first cap, or infinity. */
export function secondsLeft(session: Pick<RunSession, "recipe" | "meter">): number {
  const { capUsd, capSeconds } = capsOf(session.recipe);
  const { meter } = session;
  const byTime = capSeconds === null ? Number.POSITIVE_INFINITY : capSeconds - meter.spentSeconds;
  const isFree = capUsd === null || meter.priceUsdPerHour === 0;
  const byMoney = isFree
    ? Number.POSITIVE_INFINITY
    : ((capUsd - meter.spentUsd) / meter.priceUsdPerHour) * 3600;
  return Math.min(byTime, byMoney);
}
