/** @file Resources held open while this process controls a run, and the recipe's caps. */

import { type Seconds, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type { Execution, ExecutionEvent, Placement } from "@tunewise/core/run";
import type { RunFolder, Store } from "@tunewise/tracker";
import type { LossToBeat } from "../../guard/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Meter } from "../runs/index.ts";
import type { EarlierVerdicts } from "./earlier-verdicts.ts";
import type { LiveLogs } from "./live/live-logs.ts";
import type { Recorder } from "./recorder.ts";
import type { WatchedEvents } from "./stall-watch.ts";

/** An event of an execution of the given kind. */
export type Reported<Kind extends ExecutionEvent["kind"]> = Extract<ExecutionEvent, { readonly kind: Kind }>;

/** A run and its execution. */
export interface RunSession {
  readonly runId: string;
  readonly createdAt: string;
  readonly runtime: Runtime;
  readonly recipe: Recipe;
  readonly prepared: Prepared;
  readonly plan: Plan;
  /** Where and how the run is computed. */
  readonly placement: Placement;
  readonly folder: RunFolder;
  readonly store: Store;
  readonly recorder: Recorder;
  /** Throws `RUN_FOLDER_GONE` if the run's folder is no longer the one that was opened. */
  readonly requireFolder: () => Promise<void>;
  readonly meter: Meter;
  /** Tracking servers to which the run is logged. */
  readonly live: LiveLogs;
  readonly execution: Execution;
  /** The execution's events after `start`. */
  readonly events: Pick<WatchedEvents, "next">;
  /** State at the start of the execution. */
  readonly start: Reported<"training-start">;
  /** Validation loss to beat; `null` if none is known. */
  readonly target: LossToBeat | null;
  /** Verdicts of guards in earlier sessions, and the guards that were overruled. */
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

/** Seconds until the first cap is reached, or infinity. */
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
