/** @file How long a run took: one definition, as SQL for tables and as a function for single runs. */
import type { TrackedRun } from "./nouns.ts";

/**
 * Seconds of a run, over a row of `runs`. A run of this engine has a meter, which leaves out the time between its
 * sessions; a run of another client lasts from its start to its end, or to when it was last heard of, as its own
 * tracker shows it. The ledger's seconds are another figure: runs of one command share them.
 */
export const secondsOfRuns = `CASE WHEN runs.client = 'tunewise' AND runs.wall_seconds > 0 THEN runs.wall_seconds
  WHEN coalesce(runs.ended_ms, runs.seen_ms) > runs.started_ms
  THEN (coalesce(runs.ended_ms, runs.seen_ms) - runs.started_ms) / 1000.0 ELSE 0.0 END`;

/** The same of one run. */
export function secondsOfRun(
  run: Pick<TrackedRun, "client" | "wallSeconds" | "startedMs" | "endedMs" | "seenMs">,
): number {
  const { client, wallSeconds, startedMs, endedMs, seenMs } = run;
  if (client === "tunewise" && wallSeconds > 0) return wallSeconds;
  return Math.max(0, (endedMs ?? seenMs) - startedMs) / 1000;
}
