/**
 * @file Runs of `tunewise exec`: a command, its meter, and the runs that it logs with its own clients.
 *
 * What the meter says goes into the ledger in shares: a stretch is paid by the runs that were at work in it, in equal
 * parts, and by the command itself where there were none. So the lines add up to the meter, whatever was logged.
 */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import type { TrackedRun } from "../tracking/nouns.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { MachinePrice } from "./meter-run.ts";
import { addSpend } from "./spend.ts";

/** A command that is about to start. */
export interface Launch {
  /** Number of its run. */
  readonly run: number;
  /** For people: without secrets. */
  readonly command: string;
  readonly host: string;
  readonly price: MachinePrice;
  /** `null`: no cap. */
  readonly capMicroUsd: number | null;
}

/** What a meter says: all since the command's start. */
export interface MeterReading {
  readonly microUsd: number;
  readonly meteredMs: number;
}

/** Adds a command whose run is there. */
export async function addLaunch(transaction: Transaction, launch: Launch): Promise<void> {
  const { run, command, host, price, capMicroUsd } = launch;
  await transaction.run(
    `INSERT INTO launches (run, command, host, price_micro_usd_per_hour, price_source, cap_micro_usd, micro_usd,
       metered_ms) VALUES (?, ?, ?, ?, ?, ?, 0, 0)`,
    ...[run, command, host, price.microUsdPerHour, price.source, capMicroUsd],
  );
}

/** A command by the number of its run; `null`: there is none. */
export async function findLaunch(reader: Reader, run: number): Promise<(Launch & MeterReading) | null> {
  const [row] = await reader.all("SELECT * FROM launches WHERE run = ?", run);
  return row ? launchFrom(row) : null;
}

/** Runs that a command logged, in the order they began. */
export async function runsOfLaunch(reader: Reader, launch: number): Promise<TrackedRun[]> {
  const sql = `SELECT ${runColumns} FROM runs WHERE launched_by = ? ORDER BY number`;
  return (await reader.all(sql, launch)).map(trackedRunFrom);
}

/**
 * Brings a meter's reading into the ledger. Older readings change nothing.
 *
 * @returns micro-dollars that are new
 */
export async function takeReading(
  transaction: Transaction,
  launch: Launch & MeterReading,
  reading: MeterReading,
  nowMs: number,
): Promise<number> {
  const microUsd = Math.max(0, reading.microUsd - launch.microUsd);
  const ms = Math.max(0, reading.meteredMs - launch.meteredMs);
  if (microUsd === 0 && ms === 0) return 0;
  const payers = await payersOf(transaction, launch.run, nowMs - ms);
  for (const [at, run] of payers.entries()) {
    await addSpend(transaction, {
      run,
      ms: nowMs,
      kind: "machine",
      microUsd: share(microUsd, payers.length, at),
      seconds: ms / 1000 / payers.length,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: launch.price.microUsdPerHour,
      priceSource: launch.price.source,
    });
  }
  const sql = "UPDATE launches SET micro_usd = ?, metered_ms = ? WHERE run = ?";
  await transaction.run(sql, launch.microUsd + microUsd, launch.meteredMs + ms, launch.run);
  return microUsd;
}

/** Runs of a command that were at work since an instant; itself, where there were none. */
async function payersOf(reader: Reader, launch: number, sinceMs: number): Promise<number[]> {
  const sql = `SELECT number FROM runs WHERE launched_by = ? AND (status = 'running' OR ended_ms > ?) ORDER BY number`;
  const rows = await reader.all(sql, launch, sinceMs);
  return rows.length > 0 ? rows.map((row) => Number(row["number"])) : [launch];
}

/** Whole parts of a whole amount that add up to it. */
function share(amount: number, parts: number, at: number): number {
  return Math.floor((amount * (at + 1)) / parts) - Math.floor((amount * at) / parts);
}

function launchFrom(row: SqlRow): Launch & MeterReading {
  return {
    run: Number(row["run"]),
    command: String(row["command"]),
    host: String(row["host"]),
    price: {
      microUsdPerHour: Number(row["price_micro_usd_per_hour"]),
      source: String(row["price_source"]),
    },
    capMicroUsd: numberOrNull(row, "cap_micro_usd"),
    microUsd: Number(row["micro_usd"]),
    meteredMs: Number(row["metered_ms"]),
  };
}
