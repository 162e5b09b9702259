/**
 * @file The wasted part of a run's cost, stored with the run for sorting and filtering. An assessment is stored with
 * its basis and is valid while the basis is unchanged. Any change to a run therefore triggers a new assessment, without
 * special handling in the code that writes.
 */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";

/** The earliest completed run with the same fingerprint; later ones are its duplicates. */
export const firstOfFingerprint: string = `(SELECT f.id FROM runs f WHERE f.fingerprint = runs.fingerprint
  AND f.status = 'completed' AND f.stage = 'active' ORDER BY f.started_ms, f.id LIMIT 1)`;

/** Everything that an assessment depends on, as text. The format differs between the databases. */
const basis = `(runs.status || ' ' || CAST(runs.spent_micro_usd AS TEXT) || ' ' || CAST(runs.wall_seconds AS TEXT)
  || ' ' || CAST(runs.started_ms AS TEXT) || ' ' || CAST(coalesce(runs.ended_ms, 0) AS TEXT) || ' '
  || CAST(runs.seen_ms AS TEXT) || ' '
  || CASE WHEN runs.fingerprint IS NULL THEN '' ELSE coalesce(${firstOfFingerprint}, '') END)`;

/** A condition on `runs`: the stored assessment is still valid. */
export const isJudged: string = `coalesce(runs.waste_basis = ${basis}, FALSE)`;

const hasEnded = "runs.status NOT IN ('running', 'scheduled')";

/**
 * Marks ended runs without cost as without waste, in one statement.
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

/** An ended run without a valid assessment. */
export interface RunToJudge {
  readonly run: TrackedRun;
  readonly basis: string;
  /** Id of the run that it duplicates. */
  readonly duplicateOf: string | null;
}

/** Which runs to assess. */
export interface ToJudge {
  readonly limit: number;
  /** Whether to include runs that changed since their assessment, which reads every run. */
  readonly isThorough: boolean;
  /** Only runs with a lower number; `null`: start with the newest. */
  readonly below: number | null;
}

/** Runs to assess, newest first. */
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

/** An assessment. */
export interface JudgedRun {
  /** Number of the run. */
  readonly run: number;
  readonly basis: string;
  readonly microUsd: number;
  /** Empty: no waste. */
  readonly kind: string;
}

/** Stores assessments. If a run has changed meanwhile, its assessment is invalid because its basis differs. */
export async function keepWaste(transaction: Transaction, judged: readonly JudgedRun[]): Promise<void> {
  const sql = "UPDATE runs SET waste_micro_usd = ?, waste_kind = ?, waste_basis = ? WHERE number = ?";
  for (const { run, basis: rests, microUsd, kind } of judged) {
    await transaction.run(sql, microUsd, kind, rests, run);
  }
}

/** Numbers of the runs with a cost and a valid assessment of no waste. */
export async function runsWithoutWaste(reader: Reader): Promise<ReadonlySet<number>> {
  const sql = `SELECT runs.number FROM runs WHERE runs.waste_kind = '' AND runs.spent_micro_usd > 0 AND ${isJudged}`;
  return new Set((await reader.all(sql)).map((row) => Number(row["number"])));
}
