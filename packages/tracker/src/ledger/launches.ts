/**
 * @file Runs of `tunewise exec`: a command, its meter, and the runs that it logs with its own clients.
 *
 * Meter readings are recorded in the ledger in shares. The runs and commands that were working in a stretch of time pay
 * equal parts of it; if there were none, the command itself pays. Runs of the built-in engine charge their own time,
 * and the command pays for the rest. The ledger entries therefore add up to the meter, whatever was logged.
 */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { runColumns, touchRun, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";
import type { MachinePrice } from "./meter-run.ts";
import { chargedByMeters, chargedByOwnRuns, chargedToItself, outerLaunches } from "./nested-launches.ts";
import { addSpend } from "./spend.ts";

/** A command that is about to start. */
export interface Launch {
  /** Number of its run. */
  readonly run: number;
  /** For display, without secrets. */
  readonly command: string;
  readonly host: string;
  readonly price: MachinePrice;
  /** `null`: no cap. */
  readonly capMicroUsd: number | null;
}

/** A meter reading: totals since the command's start. */
export interface MeterReading {
  readonly microUsd: number;
  readonly meteredMs: number;
}

/** Adds a command whose run exists. */
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

/** Runs that a command logged, in the order they were created. */
export async function runsOfLaunch(reader: Reader, launch: number): Promise<TrackedRun[]> {
  const sql = `SELECT ${runColumns} FROM runs WHERE launched_by = ? ORDER BY number`;
  return (await reader.all(sql, launch)).map(trackedRunFrom);
}

/**
 * Records a meter reading in the ledger. Older readings change nothing. Time that is charged to an outer command is not
 * charged again.
 *
 * @returns micro-dollars by which the meter has advanced
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
  const due = await dueFor(transaction, launch, reading, { microUsd, seconds: ms / 1000 });
  const payers = await payersOf(transaction, launch, due, nowMs - ms);
  for (const [at, run] of payers.entries()) {
    await addSpend(transaction, {
      run,
      ms: nowMs,
      kind: "machine",
      microUsd: share(due?.microUsd ?? 0, payers.length, at),
      seconds: (due?.seconds ?? 0) / payers.length,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: launch.price.microUsdPerHour,
      priceSource: launch.price.source,
    });
  }
  const sql = "UPDATE launches SET micro_usd = ?, metered_ms = ? WHERE run = ?";
  await transaction.run(sql, launch.microUsd + microUsd, launch.meteredMs + ms, launch.run);
  await touchRun(transaction, launch.run, nowMs);
  return microUsd;
}

/** An amount of money and time. */
interface Amount {
  readonly microUsd: number;
  readonly seconds: number;
}

/** The amount to charge for a stretch; `null`: nothing. */
async function dueFor(
  reader: Reader,
  launch: Launch,
  reading: MeterReading,
  stretch: Amount,
): Promise<Amount | null> {
  const outer = await Promise.all(
    (await outerLaunches(reader, launch.run)).map((run) => findLaunch(reader, run)),
  );
  if (outer.some((one) => one !== null && one.price.microUsdPerHour > 0)) return null;
  // The outer command has no price and charges the seconds, so only the money is charged here.
  if (outer.length > 0) return { ...stretch, seconds: 0 };
  const own = await chargedByOwnRuns(reader, launch.run);
  if (own.microUsd === 0 && own.seconds === 0) return stretch;
  const before = await chargedByMeters(reader, launch.run);
  const due = {
    microUsd: reading.microUsd - own.microUsd - before.microUsd,
    seconds: reading.meteredMs / 1000 - own.seconds - before.seconds,
  };
  if (due.microUsd >= 0 && due.seconds >= 0) return due;
  // A run may charge for time that was already charged to the command, which is then refunded.
  const itself = await chargedToItself(reader, launch.run);
  return {
    microUsd: Math.max(due.microUsd, -itself.microUsd),
    seconds: Math.max(due.seconds, -itself.seconds),
  };
}

/** The runs to charge, or the command that gets a refund. */
async function payersOf(
  reader: Reader,
  { run }: Launch,
  due: Amount | null,
  sinceMs: number,
): Promise<number[]> {
  if (due === null || (due.microUsd === 0 && due.seconds === 0)) return [];
  return due.microUsd < 0 || due.seconds < 0 ? [run] : await workersOf(reader, run, sinceMs);
}

/**
 * Runs of a command that were working since an instant, including those of inner commands; the command itself if there
 * were none. Runs of the built-in engine are excluded because they meter themselves.
 */
async function workersOf(reader: Reader, launch: number, sinceMs: number): Promise<number[]> {
  const sql = `SELECT number, client FROM runs WHERE launched_by = ? AND client <> 'tunewise'
    AND (status = 'running' OR ended_ms > ?) ORDER BY number`;
  const payers: number[] = [];
  for (const row of await reader.all(sql, launch, sinceMs)) {
    const number = Number(row["number"]);
    payers.push(...(row["client"] === "exec" ? await workersOf(reader, number, sinceMs) : [number]));
  }
  return payers.length > 0 ? payers : [launch];
}

/** One of several integer parts that add up to `amount`. */
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
