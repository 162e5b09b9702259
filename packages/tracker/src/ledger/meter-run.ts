/**
 * @file Working time of clients' runs, and its entries in the ledger.
 *
 * A run works in sessions. A session lasts from when the client starts or resumes the run until the run ends or was
 * last active. Idle time before a resumed session is not counted. `worked_ms` is the time worked in closed sessions,
 * and `metered_ms` the part of all working time that is in the ledger. Both only increase, so that metering twice adds
 * nothing.
 */
import { MeteredTime, type Usd } from "@tunewise/core/quantity";
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { addSpend } from "./spend.ts";

/** The hourly price of a machine, and its source. */
export interface MachinePrice {
  readonly microUsdPerHour: number;
  readonly source: string;
}

/** Starts a session of a run. The time worked in a session that is still open is kept, up to the last activity. */
export async function beginWork(transaction: Transaction, run: number, fromMs: number): Promise<void> {
  await transaction.run(
    `UPDATE runs SET worked_ms = ${workedMs}, session_ms = ? WHERE number = ?`,
    fromMs,
    run,
  );
}

/** Ends the session of a run that has ended. A run without a session has worked from its start to its end. */
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

/** Records a run's working time as measured by its client. */
export async function noteWorked(transaction: Transaction, run: number, workedMs: number): Promise<void> {
  const sql = "UPDATE runs SET worked_ms = ? WHERE number = ? AND worked_ms < ?";
  await transaction.run(sql, Math.round(workedMs), run, Math.round(workedMs));
}

/** Excludes an imported run from metering: its real cost is unknown here. */
export async function leaveUnmetered(transaction: Transaction, run: number): Promise<void> {
  await transaction.run("UPDATE runs SET metered_ms = ? WHERE number = ?", Number.MAX_SAFE_INTEGER, run);
}

/** Numbers of runs with at least `minMs` of unmetered work that belong to no launch. */
export async function runsToMeter(reader: Reader, minMs: number): Promise<number[]> {
  const sql = `SELECT number FROM runs WHERE client IN ('mlflow', 'wandb', 'api') AND launched_by IS NULL
    AND ${workedMs} - metered_ms >= ? ORDER BY number`;
  return (await reader.all(sql, minMs)).map((row) => Number(row["number"]));
}

/**
 * Records a run's work in the ledger, up to now. Entries are dated by when the run worked, even if it was logged later.
 * A stretch across months becomes one entry per month.
 *
 * @returns micro-dollars of the new entries
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
  // Clients' clocks may be ahead.
  const endMs = Math.min(nowMs, Number(row["end_ms"]));
  let [metered, microUsd] = [before, 0];
  for (const ms of monthEnds(endMs - (worked - before), endMs)) {
    const line = of(worked - (endMs - ms)).since(of(metered));
    [metered, microUsd] = [worked - (endMs - ms), microUsd + line.spent];
    await addSpend(transaction, {
      run,
      ms: ms === endMs ? ms : ms - 1, // The last instant of the month.
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

/** Maximum number of monthly entries of a stretch: a century. A longer stretch is not plausible. */
const maxMonths = 1_200;

/** The ends of calendar months (UTC) inside a stretch, and the end of the stretch. */
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

/** Excludes runs with meters of their own: runs of the built-in engine, commands, and runs that a command started. */
function isMetered(row: SqlRow): boolean {
  return row["launched_by"] === null && ["mlflow", "wandb", "api"].includes(String(row["client"]));
}

/** Milliseconds of work until a run ended or was last active. The SQL works in both databases. */
const workedMs = `(worked_ms + CASE WHEN session_ms IS NULL OR coalesce(ended_ms, seen_ms) <= session_ms THEN 0
  ELSE coalesce(ended_ms, seen_ms) - session_ms END)`;
