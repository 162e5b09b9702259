/** @file The runs of a project that W&B's clients logged, light: what a list is chosen and ordered by. */
import type { Reader } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";
import type { TrackedStatus } from "../tracking/nouns.ts";
import { select, type WandbRun, wandbRunFrom } from "./wandb-run.ts";

/** A run in a list. */
export interface WandbRunLine {
  readonly number: number;
  /** The client's name for it. */
  readonly name: string;
  readonly displayName: string;
  readonly status: TrackedStatus;
  readonly person: string;
  readonly startedMs: number;
  readonly seenMs: number;
}

/** Runs of a project that one question looks at. */
export const maxListedRuns = 200_000;

/** Runs of a project, the oldest first; deleted ones are not among them. */
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

/** Texts of runs, by their numbers. */
export async function readWandbTexts(
  reader: Reader,
  numbers: readonly number[],
  column: "config" | "summary",
): Promise<ReadonlyMap<number, string>> {
  const sql = (among: string): string => `SELECT run, ${column} FROM wandb_runs WHERE run IN (${among})`;
  const rows = await readAmong(reader, numbers, sql);
  return new Map(rows.map((row) => [Number(row["run"]), String(row[column])]));
}

/** Runs by their numbers, in that order; those that are gone are missing. */
export async function readWandbRuns(reader: Reader, numbers: readonly number[]): Promise<WandbRun[]> {
  const rows = await readAmong(reader, numbers, (among) => `${select} WHERE wandb_runs.run IN (${among})`);
  const runs = new Map(rows.map(wandbRunFrom).map((run) => [run.run.number, run]));
  return numbers.map((number) => runs.get(number)).filter((run) => run !== undefined);
}
