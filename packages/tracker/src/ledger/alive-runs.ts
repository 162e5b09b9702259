/** @file Running runs and their prices. They are found by their time of change, so that old runs are not read. */
import type { Reader, SqlRow } from "../database/database.ts";
import { numberOrNull, textOrNull } from "../database/rows.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";
import { type ProjectsAmong, runsAmong } from "./spend.ts";

/** A running run. Money is in micro-dollars. */
export interface AliveRun {
  readonly run: TrackedRun;
  readonly projectName: string;
  /** Value of its tag `tunewise.rate`; `null`: not set. */
  readonly rateTag: string | null;
  /** Price in its latest time entry in the ledger; `null`: none yet. */
  readonly ledgerMicroUsdPerHour: number | null;
  /** Set for commands with a budget; `null`: another kind of run. */
  readonly launch: { readonly microUsdPerHour: number; readonly capMicroUsd: number | null } | null;
  /** Configuration, as JSON, of a run of the built-in engine; `null`: another kind of run. */
  readonly configuration: string | null;
}

/**
 * Running runs that were active since an instant, longest running first. There is no limit, because callers count them
 * and add up their prices. A command represents the runs that it logs.
 *
 * @param among projects to include; `null`: all
 */
export async function readAliveRuns(
  reader: Reader,
  sinceMs: number,
  among: ProjectsAmong | null = null,
): Promise<AliveRun[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  const rows = await reader.all(
    `SELECT ${columns.join(", ")}, projects.name AS project_name, rate.value AS rate,
       (SELECT last.price_micro_usd_per_hour FROM spend last WHERE last.run = runs.number AND last.seconds > 0
         ORDER BY last.sequence DESC LIMIT 1) AS ledger_price,
       launches.run AS launch, launches.price_micro_usd_per_hour AS launch_price, launches.cap_micro_usd,
       recipe_runs.configuration
     FROM runs JOIN projects ON projects.number = runs.project
     LEFT JOIN launches ON launches.run = runs.number
     LEFT JOIN recipe_runs ON recipe_runs.run = runs.number
     LEFT JOIN tags rate ON rate.run = runs.number AND rate.key = 'tunewise.rate'
     WHERE runs.changed_ms >= ? AND runs.status = 'running' AND runs.stage = 'active' AND runs.launched_by IS NULL
       ${runsAmong("AND", among)} ORDER BY runs.started_ms, runs.number`,
    ...[sinceMs, ...(among?.values ?? [])],
  );
  return rows.map(aliveFrom);
}

function aliveFrom(row: SqlRow): AliveRun {
  return {
    run: trackedRunFrom(row),
    projectName: String(row["project_name"]),
    rateTag: textOrNull(row, "rate"),
    ledgerMicroUsdPerHour: numberOrNull(row, "ledger_price"),
    launch:
      row["launch"] === null
        ? null
        : {
            microUsdPerHour: Number(row["launch_price"]),
            capMicroUsd: numberOrNull(row, "cap_micro_usd"),
          },
    configuration: textOrNull(row, "configuration"),
  };
}
