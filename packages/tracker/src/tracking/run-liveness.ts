/** @file How long a running run has been without activity, and the limits for treating it as silent or dead. */

import { openStatuses } from "./runs.ts";
import type { TrackedRun } from "./types.ts";

/**
 * A run without activity for this long is shown as silent. W&B clients send a heartbeat every 30 s; runs of the
 * built-in engine and commands send one every few seconds. MLflow clients send none, so a long epoch is silent too; the
 * run's status remains `running`.
 */
export const silentAfterMs = 600_000;

/** A run without activity for this long counts as dead: it accrues no cost and does not block duplicates. */
export const deadAfterMs = 86_400_000;

/** Milliseconds without activity of a run that has not ended; `null`: it has ended, or is not silent. */
export function silentMs(run: Pick<TrackedRun, "status" | "seenMs">, nowMs: number): number | null {
  const ms = nowMs - run.seenMs;
  return openStatuses.includes(run.status) && ms >= silentAfterMs ? ms : null;
}
