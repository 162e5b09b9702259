/**
 * @file The time that runs of clients worked, and its way into the ledger.
 *
 * A run works in sessions: from where its client starts or resumes it until it ends, or was heard of last. Time before
 * a session that was resumed late is no work. `worked_ms` holds what closed sessions worked, `metered_ms` what of it
 * all is in the ledger; both only grow, so that metering twice adds nothing.
 */
import { MeteredTime, type Usd } from "@tunewise/core/quantity";
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { addSpend } from "./spend.ts";

/** What an hour of a machine costs, and who says so. */
export interface MachinePrice {
  readonly microUsdPerHour: number;
  readonly source: string;
}

/** Starts a session of a run; what an open one worked until the run was heard of is kept. */
export async function beginWork(transaction: Transaction, run: number, fromMs: number): Promise<void> {
  await transaction.run(
    `UPDATE runs SET worked_ms = ${workedMs}, session_ms = ? WHERE number = ?`,
    fromMs,
    run,
  );
}

/** Ends the session of a run that has ended; a run without one has worked from its start to its end. */
export async function endWork(transaction: Transaction, run: number): Promise<void> {
  await transaction.run(
    `UPDATE runs SET session_ms = NULL, worked_ms = CASE
       WHEN session_ms IS NOT NULL THEN ${workedMs}
       WHEN worked_ms = 0 AND ended_ms > started_ms THEN ended_ms - started_ms
       ELSE worked_ms END
     WHERE number = ?`,
    run,
  );
}

/** Records how long a run has worked by its client's own clock. */
export async function noteWorked(transaction: Transaction, run: number, workedMs: number): Promise<void> {
  const sql = "UPDATE runs SET worked_ms = ? WHERE number = ? AND worked_ms < ?";
  await transaction.run(sql, Math.round(workedMs), run, Math.round(workedMs));
}

/** A history that was brought in: what it cost elsewhere is not known here, and nothing is to be added for it. */
export async function leaveUnmetered(transaction: Transaction, run: number): Promise<void> {
  await transaction.run("UPDATE runs SET metered_ms = ? WHERE number = ?", Number.MAX_SAFE_INTEGER, run);
}

/** Numbers of runs that have worked for so long since they were metered, and belong to no launch. */
export async function runsToMeter(reader: Reader, leastMs: number): Promise<number[]> {
  const sql = `SELECT number FROM runs WHERE client IN ('mlflow', 'wandb', 'api') AND launched_by IS NULL
    AND ${workedMs} - metered_ms >= ? ORDER BY number`;
  return (await reader.all(sql, leastMs)).map((row) => Number(row["number"]));
}

/**
 * Brings the work of a run into the ledger, up to now. Lines are dated by when the run worked, whenever it was logged:
 * a stretch that crosses the end of a month becomes a line for each of its months, which add up to it.
 *
 * @returns micro-dollars of the new lines
 */
export async function meterRun(
  transaction: Transaction,
  run: number,
  price: MachinePrice,
  nowMs: number,
): Promise<number> {
  const [row] = await transaction.all(
    `SELECT launched_by, client, metered_ms, coalesce(ended_ms, seen_ms) AS end_ms, ${workedMs} AS worked
     FROM runs WHERE number = ?`,
    run,
  );
  if (!row || !isMetered(row)) return 0;
  const [before, worked] = [Number(row["metered_ms"]), Number(row["worked"])];
  if (worked <= before) return 0;
  const of = (ms: number): MeteredTime => MeteredTime.ofMs(price.microUsdPerHour as Usd, ms);
  // clocks of clients may be ahead
  const endMs = Math.min(nowMs, Number(row["end_ms"]));
  let [metered, microUsd] = [before, 0];
  for (const ms of monthEnds(endMs - (worked - before), endMs)) {
    const line = of(worked - (endMs - ms)).since(of(metered));
    [metered, microUsd] = [worked - (endMs - ms), microUsd + line.spent];
    await addSpend(transaction, {
      run,
      ms: ms === endMs ? ms : ms - 1, // the last instant of the month
      kind: "machine",
      microUsd: line.spent,
      seconds: line.duration,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: price.microUsdPerHour,
      priceSource: price.source,
    });
  }
  await transaction.run("UPDATE runs SET metered_ms = ? WHERE number = ?", worked, run);
  return microUsd;
}

/** Months of a stretch that get lines of their own: a century. One that claims to be longer is no real one. */
const maxMonths = 1_200;

/** The ends of calendar months (UTC) inside a stretch, and its own end. */
function monthEnds(fromMs: number, toMs: number): number[] {
  const ends: number[] = [];
  const from = new Date(fromMs);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth()];
  for (let at = 1; at <= maxMonths; at++) {
    const end = Date.UTC(year, month + at);
    if (!(end < toMs)) return [...ends, toMs];
    ends.push(end);
  }
  return [toMs];
}

/** The engine's own runs and commands have meters of their own, and so do runs that a command started. */
function isMetered(row: SqlRow): boolean {
  return row["launched_by"] === null && ["mlflow", "wandb", "api"].includes(String(row["client"]));
}

/** Milliseconds of work up to where a run ended or was heard of. Both databases count with it. */
const workedMs = `(worked_ms + CASE WHEN session_ms IS NULL OR coalesce(ended_ms, seen_ms) <= session_ms THEN 0
  ELSE coalesce(ended_ms, seen_ms) - session_ms END)`;
