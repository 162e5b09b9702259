/** @file Summaries of many runs of the built-in engine. */
import type { RunKind } from "@tunewise/core/run";
import type { Reader } from "../database/database.ts";
import type { ProjectsAmong } from "../ledger/spend.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";

/** A run, its project's name, and its summary as stored. */
export interface RunWithSummary {
  readonly run: TrackedRun;
  readonly projectName: string;
  readonly summary: string;
}

/**
 * Runs of the built-in engine of one kind, newest first, without deleted ones.
 *
 * @param among projects that may be read; `null`: all
 */
export async function readSummaries(
  reader: Reader,
  kind: RunKind,
  among: ProjectsAmong | null,
  limit: number,
): Promise<RunWithSummary[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  const allowed = among ? `AND runs.project IN (SELECT number FROM projects WHERE ${among.sql})` : "";
  const sql = `SELECT ${columns.join(", ")}, projects.name AS project_name, recipe_runs.summary
    FROM recipe_runs JOIN runs ON runs.number = recipe_runs.run JOIN projects ON projects.number = runs.project
    WHERE runs.stage = 'active' AND runs.kind = ? ${allowed}
    ORDER BY runs.started_ms DESC, runs.id LIMIT ?`;
  const rows = await reader.all(sql, kind, ...(among?.values ?? []), limit);
  return rows.map((row) => ({
    run: trackedRunFrom(row),
    projectName: String(row["project_name"]),
    summary: String(row["summary"]),
  }));
}
