/** @file How long a run that says that it is at work has not been heard of, and from when on that matters. */
import type { TrackedRun } from "./nouns.ts";
import { openStatuses } from "./runs.ts";

/**
 * A run that was not heard of for so long is shown as silent. W&B's clients send a sign of life every 30 s, runs of
 * this engine and commands one every few seconds; MLflow's send none, so that a long epoch is silent too: it stays
 * `running`.
 */
export const silentAfterMs = 600_000;

/** A run that was not heard of for so long counts as dead: it costs nothing, and is no duplicate of another one. */
export const deadAfterMs = 86_400_000;

/** Milliseconds for which a run that has not ended has been silent; `null`: it has ended, or was heard of lately. */
export function silentMs(run: Pick<TrackedRun, "status" | "seenMs">, nowMs: number): number | null {
  const ms = nowMs - run.seenMs;
  return openStatuses.includes(run.status) && ms >= silentAfterMs ? ms : null;
}
