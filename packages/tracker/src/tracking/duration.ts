/** @file The duration of a run, defined once as SQL for tables and as a function for single runs. */
import type { TrackedRun } from "./types.ts";

/**
 * SQL for a run's duration in seconds, over a row of `runs`. Runs of the built-in engine have a meter, which excludes
 * the time between sessions. Runs of other clients last from start to end, or to their last activity, as in their own
 * trackers. The ledger's seconds differ, because runs of one command share them.
 */
export const secondsOfRuns = `CASE WHEN runs.client = 'tunewise' AND runs.wall_seconds > 0 THEN runs.wall_seconds
  WHEN coalesce(runs.ended_ms, runs.seen_ms) > runs.started_ms
  THEN (coalesce(runs.ended_ms, runs.seen_ms) - runs.started_ms) / 1000.0 ELSE 0.0 END`;

/** The duration of one run in seconds. */
export function secondsOfRun(
  run: Pick<TrackedRun, "client" | "wallSeconds" | "startedMs" | "endedMs" | "seenMs">,
): number {
  const { client, wallSeconds, startedMs, endedMs, seenMs } = run;
  if (client === "tunewise" && wallSeconds > 0) return wallSeconds;
  return Math.max(0, (endedMs ?? seenMs) - startedMs) / 1000;
}
