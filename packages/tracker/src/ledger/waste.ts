/**
 * @file What of a run's money was wasted, kept beside the run so that tables sort and filter by it. A judgement is kept
 * with what it rests on, and counts as long as that is the same: whatever changes a run, it is judged again, and nobody
 * who writes has to think of it.
 */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import type { TrackedRun } from "../tracking/nouns.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";

/** The earliest completed run with the same fingerprint: the other ones are its duplicates. */
export const firstOfFingerprint: string = `(SELECT f.id FROM runs f WHERE f.fingerprint = runs.fingerprint
  AND f.status = 'completed' AND f.stage = 'active' ORDER BY f.started_ms, f.id LIMIT 1)`;

/** Everything that a judgement depends on, as a text of either database's own. */
const basis = `(runs.status || ' ' || CAST(runs.spent_micro_usd AS TEXT) || ' ' || CAST(runs.wall_seconds AS TEXT)
  || ' ' || CAST(runs.started_ms AS TEXT) || ' ' || CAST(coalesce(runs.ended_ms, 0) AS TEXT) || ' '
  || CAST(runs.seen_ms AS TEXT) || ' '
  || CASE WHEN runs.fingerprint IS NULL THEN '' ELSE coalesce(${firstOfFingerprint}, '') END)`;

/** A condition on `runs`: what is kept of its waste still counts. */
export const isJudged: string = `coalesce(runs.waste_basis = ${basis}, FALSE)`;

const hasEnded = "runs.status NOT IN ('running', 'scheduled')";

/**
 * Keeps that runs which cost nothing wasted nothing, without looking at them one by one.
 *
 * @returns how many
 */
export function keepUnspent(transaction: Transaction, limit: number): Promise<number> {
  return transaction.run(
    `UPDATE runs SET waste_micro_usd = 0, waste_kind = '', waste_basis = ${basis} WHERE runs.number IN (
       SELECT runs.number FROM runs WHERE ${hasEnded} AND runs.waste_basis IS NULL AND runs.spent_micro_usd <= 0
       ORDER BY runs.number DESC LIMIT ?)`,
    limit,
  );
}

/** A run that has ended and is not judged as it stands. */
export interface RunToJudge {
  readonly run: TrackedRun;
  readonly basis: string;
  /** Id of the run that it repeats. */
  readonly duplicateOf: string | null;
}

/** Which runs are to be judged. */
export interface ToJudge {
  readonly limit: number;
  /** Whether those are looked for as well that changed since they were judged, which reads every run. */
  readonly isThorough: boolean;
  /** Only runs with a lower number; `null`: from the newest on. */
  readonly below: number | null;
}

/** Runs that are to be judged, the newest first. */
export async function runsToJudge(
  reader: Reader,
  { limit, isThorough, below }: ToJudge,
): Promise<RunToJudge[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  const rows = await reader.all(
    `SELECT ${columns.join(", ")}, ${basis} AS basis, ${firstOfFingerprint} AS first_id FROM runs
     WHERE ${hasEnded} AND ${isThorough ? `NOT ${isJudged}` : "runs.waste_basis IS NULL"} AND runs.number < ?
     ORDER BY runs.number DESC LIMIT ?`,
    below ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
  return rows.map(toJudgeFrom);
}

function toJudgeFrom(row: SqlRow): RunToJudge {
  const run = trackedRunFrom(row);
  const first = textOrNull(row, "first_id");
  return { run, basis: String(row["basis"]), duplicateOf: first === run.id ? null : first };
}

/** A judgement. */
export interface JudgedRun {
  /** Number of the run. */
  readonly run: number;
  readonly basis: string;
  readonly microUsd: number;
  /** Empty: nothing was wasted. */
  readonly kind: string;
}

/** Keeps judgements. One about a run that has changed meanwhile does not count, as its basis is another one. */
export async function keepWaste(transaction: Transaction, judged: readonly JudgedRun[]): Promise<void> {
  const sql = "UPDATE runs SET waste_micro_usd = ?, waste_kind = ?, waste_basis = ? WHERE number = ?";
  for (const { run, basis: rests, microUsd, kind } of judged) {
    await transaction.run(sql, microUsd, kind, rests, run);
  }
}

/** Numbers of the runs that cost something and are known to have wasted nothing. */
export async function runsWithoutWaste(reader: Reader): Promise<ReadonlySet<number>> {
  const sql = `SELECT runs.number FROM runs WHERE runs.waste_kind = '' AND runs.spent_micro_usd > 0 AND ${isJudged}`;
  return new Set((await reader.all(sql)).map((row) => Number(row["number"])));
}
