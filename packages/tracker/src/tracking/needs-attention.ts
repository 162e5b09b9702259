/** @file Runs whose outcome needs attention and has not been seen by anyone yet. */
import type { Reader, SqlRow } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { type ProjectsAmong, runsAmong } from "../ledger/spend.ts";
import { findingTag } from "../record/write-batch.ts";
import { repeatsTag } from "./repetition.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";
import { stopTag } from "./stop.ts";
import type { TrackedRun } from "./types.ts";

/** A run that needs attention. */
export interface OpenMatter {
  readonly run: TrackedRun;
  readonly projectName: string;
  /** Reason of the request to stop; `null`: none. */
  readonly stop: string | null;
  /** Title of an error finding; `null`: none. */
  readonly finding: string | null;
  /** A sentence that names the run it repeats; `null`: none. */
  readonly repetition: string | null;
  /** Summary of a run of the built-in engine; `null`: another kind of run. */
  readonly summary: string | null;
}

/** The tag that marks a run's outcome as seen; its value is the end time that was seen (`ended_ms`). */
export const seenTag = "tunewise.seen";

/** Causes that need no attention: a person stopped the run, or a search stopped its own trial. */
const knownCauses = "'person', 'search'";

/** A try with a missing or undecided verdict. */
const isUndecided =
  "(runs.kind = 'try' AND runs.status <> 'running' AND coalesce(runs.verdict, 'undecided') = 'undecided')";

/** Trials are handled by their search, and a run that was repeated later needs no attention. */
const condition = `runs.changed_ms >= ? AND runs.ended_ms >= ? AND runs.stage = 'active' AND runs.launched_by IS NULL
  AND runs.kind <> 'trial'
  AND ((runs.status IN ('failed', 'crashed', 'killed', 'stopped')
      AND coalesce(runs.stopped_by, '') NOT IN (${knownCauses}))
    OR finding.value IS NOT NULL OR runs.repeats IS NOT NULL OR ${isUndecided})
  AND NOT EXISTS (SELECT 1 FROM tags seen WHERE seen.run = runs.number AND seen.key = '${seenTag}'
    AND seen.value = CAST(runs.ended_ms AS TEXT))
  AND (runs.fingerprint IS NULL OR NOT EXISTS (SELECT 1 FROM runs later WHERE later.fingerprint = runs.fingerprint
    AND later.started_ms > runs.started_ms AND later.stage = 'active' AND later.status IN ('completed', 'running')))`;

const joined = `FROM runs JOIN projects ON projects.number = runs.project
  LEFT JOIN recipe_runs own ON own.run = runs.number
  LEFT JOIN tags stop ON stop.run = runs.number AND stop.key = '${stopTag}' AND runs.stop_ms IS NOT NULL
  LEFT JOIN tags finding ON finding.run = runs.number AND finding.key = '${findingTag}'
  LEFT JOIN tags repetition ON repetition.run = runs.number AND repetition.key = '${repeatsTag}'
    AND runs.repeats IS NOT NULL`;

/**
 * Runs that ended since an instant and need attention, newest first, and their total number.
 *
 * @param among projects to include; `null`: all
 */
export async function readOpenMatters(
  reader: Reader,
  sinceMs: number,
  limit: number,
  among: ProjectsAmong | null = null,
): Promise<{ readonly items: readonly OpenMatter[]; readonly total: number }> {
  const where = `WHERE ${condition} ${runsAmong("AND", among)}`;
  const values = [sinceMs, sinceMs, ...(among?.values ?? [])];
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  const rows = await reader.all(
    `SELECT ${columns.join(", ")}, projects.name AS project_name, stop.value AS stop, finding.value AS finding,
       repetition.value AS repetition, own.summary ${joined} ${where}
     ORDER BY runs.ended_ms DESC, runs.number DESC LIMIT ?`,
    ...[...values, limit],
  );
  if (rows.length < limit) return { items: rows.map(matterFrom), total: rows.length };
  const [counted] = await reader.all(`SELECT count(*) AS total ${joined} ${where}`, ...values);
  return { items: rows.map(matterFrom), total: Number(counted?.["total"] ?? rows.length) };
}

function matterFrom(row: SqlRow): OpenMatter {
  return {
    run: trackedRunFrom(row),
    projectName: String(row["project_name"]),
    stop: textOrNull(row, "stop"),
    finding: textOrNull(row, "finding"),
    repetition: textOrNull(row, "repetition"),
    summary: textOrNull(row, "summary"),
  };
}
