/** @file The W&B runs of a project in a short form, with the fields used for selecting and sorting. */
import type { Reader } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";
import type { TrackedStatus } from "../tracking/types.ts";
import { select, type WandbRun, wandbRunFrom } from "./wandb-run.ts";

/** A run in a list. */
export interface WandbRunLine {
  readonly number: number;
  /** The run's name, as assigned by its client. */
  readonly name: string;
  readonly displayName: string;
  readonly status: TrackedStatus;
  readonly person: string;
  readonly startedMs: number;
  readonly seenMs: number;
}

/** Maximum runs of a project per query. */
export const maxListedRuns = 200_000;

/** Active runs of a project, oldest first. */
export async function listWandbRuns(reader: Reader, project: number): Promise<WandbRunLine[]> {
  const rows = await reader.all(
    `SELECT r.number, w.name, r.name AS display_name, r.status, r.person, r.started_ms, r.seen_ms
     FROM runs r JOIN wandb_runs w ON w.run = r.number
     WHERE r.project = ? AND r.stage = 'active' ORDER BY r.started_ms, r.number LIMIT ?`,
    ...[project, maxListedRuns],
  );
  return rows.map((row) => ({
    number: Number(row["number"]),
    name: String(row["name"]),
    displayName: String(row["display_name"]),
    status: String(row["status"]) as TrackedStatus,
    person: String(row["person"]),
    startedMs: Number(row["started_ms"]),
    seenMs: Number(row["seen_ms"]),
  }));
}

/** Configurations or summaries of runs, by the runs' numbers. */
export async function readWandbTexts(
  reader: Reader,
  numbers: readonly number[],
  column: "config" | "summary",
): Promise<ReadonlyMap<number, string>> {
  const sql = (among: string): string => `SELECT run, ${column} FROM wandb_runs WHERE run IN (${among})`;
  const rows = await readAmong(reader, numbers, sql);
  return new Map(rows.map((row) => [Number(row["run"]), String(row[column])]));
}

/** Runs by their numbers, in that order; runs that no longer exist are omitted. */
export async function readWandbRuns(reader: Reader, numbers: readonly number[]): Promise<WandbRun[]> {
  const rows = await readAmong(reader, numbers, (among) => `${select} WHERE wandb_runs.run IN (${among})`);
  const runs = new Map(rows.map(wandbRunFrom).map((run) => [run.run.number, run]));
  return numbers.map((number) => runs.get(number)).filter((run) => run !== undefined);
}
