/** @file Cost of runs since an instant, summed by the database, with the stored assessment of their waste. */
import type { Reader } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";
import { type ProjectsAmong, runsAmong } from "./spend.ts";
import { firstOfFingerprint, isJudged } from "./waste.ts";

/** What a run cost in a period. Money is in micro-dollars. */
export interface PeriodSpend {
  readonly run: TrackedRun;
  readonly microUsd: number;
  readonly seconds: number;
  /** Wasted part of the run's total cost; `null`: no current assessment. */
  readonly wasteMicroUsd: number | null;
  /** Id of the run that it duplicates. */
  readonly duplicateOf: string | null;
}

/** Runs with ledger entries since an instant, unordered. */
export async function readPeriodSpend(
  reader: Reader,
  sinceMs: number,
  among: ProjectsAmong | null = null,
): Promise<PeriodSpend[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  const rows = await reader.all(
    `SELECT ${columns.join(", ")}, period.spent AS period_spent, period.seconds AS period_seconds,
       CASE WHEN ${isJudged} THEN runs.waste_micro_usd END AS waste,
       CASE WHEN runs.fingerprint IS NOT NULL THEN ${firstOfFingerprint} END AS first_id
     FROM (SELECT run, sum(micro_usd) AS spent, sum(seconds) AS seconds FROM spend WHERE ms >= ? GROUP BY run) period
     JOIN runs ON runs.number = period.run ${runsAmong("WHERE", among)}`,
    ...[sinceMs, ...(among?.values ?? [])],
  );
  return rows.map((row) => {
    const run = trackedRunFrom(row);
    const first = textOrNull(row, "first_id");
    return {
      run,
      microUsd: Number(row["period_spent"]),
      seconds: Number(row["period_seconds"]),
      wasteMicroUsd: row["waste"] === null ? null : Number(row["waste"]),
      duplicateOf: first === run.id ? null : first,
    };
  });
}
