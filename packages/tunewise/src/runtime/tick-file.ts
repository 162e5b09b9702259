/**
 * @file The on-disk meter of a run, written once a second. After a kill, the amount missing from the ledger is
 * recorded from it, exactly once.
 */
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { cost, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  type JournaledStore,
  type Lock,
  type ProcessTable,
  type RunFolder,
  type SpendEntry,
  takeLock,
} from "@tunewise/tracker";

/** Totals of a run's meter over all its sessions, without charges. */
export interface Tick {
  readonly formatVersion: 1;
  /** ISO instant. */
  readonly at: string;
  readonly seconds: number;
  readonly microUsd: number;
  readonly microUsdPerHour: number;
  readonly priceSource: string;
}

/** Size of the file: each tick overwrites the one before, in preallocated space. */
export const tickBytes = 1024;
/** Maximum characters of a price's source. */
const maxSourceChars = 200;

/** Path of a run's tick while a process is attached to it. */
export function tickPath({ path }: Pick<RunFolder, "path">): string {
  return join(path, "meter.tick");
}

/** Path of the lock for recording a tick. */
export function tickLockPath(folder: Pick<RunFolder, "path">): string {
  return `${tickPath(folder)}.lock`;
}

/** Serializes a tick. */
export function tickText(tick: Tick): string {
  const priceSource = tick.priceSource.slice(0, maxSourceChars);
  return `${JSON.stringify({ ...tick, priceSource }).padEnd(tickBytes - 1)}\n`;
}

/** Allocates the file with a first tick. Returns `false` if that fails. */
export async function writeFirstTick(path: string, tick: Tick): Promise<boolean> {
  try {
    const file = await open(path, "w");
    await file.writeFile(tickText(tick)).finally(() => file.close());
    return true;
  } catch {
    return false; // disk full: the run's own writes report it
  }
}

/** Reads a tick. Returns `null` if it is missing or invalid. */
export async function readTick(path: string): Promise<Tick | null> {
  try {
    const value = JSON.parse((await readTextFile(path)).slice(0, 2 * tickBytes)) as Partial<Tick>;
    const figures = [value.seconds, value.microUsd, value.microUsdPerHour];
    const isTick = figures.every((one) => typeof one === "number" && Number.isFinite(one) && one >= 0);
    const isWorded = typeof value.priceSource === "string" && !Number.isNaN(Date.parse(String(value.at)));
    return value.formatVersion === 1 && isTick && isWorded ? (value as Tick) : null;
  } catch {
    return null;
  }
}

/** Machine time and cost in a run's ledger, without charges. */
export async function machineSpend(
  store: Pick<JournaledStore, "totalSpend">,
  runId: string,
): Promise<{ readonly seconds: number; readonly microUsd: number }> {
  const { spent, duration, charged } = await store.totalSpend(runId);
  return { seconds: duration, microUsd: spent - charged };
}

/**
 * Records in the ledger the amount by which a run's last tick exceeds it, and removes the tick. Idempotent.
 *
 * @param workedUntil when a worker that outlived the metering process ended; `null` if there was none
 * @returns the recorded micro-dollars
 * @throws {TunewiseError} those of the store
 */
export async function bookTick(
  store: JournaledStore,
  runId: string,
  folder: RunFolder,
  processes: ProcessTable,
  now: Date,
  workedUntil: Date | null = null,
): Promise<number> {
  const lock = await lockTick(folder, processes, now);
  if (lock === null) return 0; // another process is recording it
  try {
    const written = await readTick(tickPath(folder));
    const tick = written && withWork(written, workedUntil);
    await store.catchUp(runId);
    const line = tick && missingLine(runId, tick, await machineSpend(store, runId));
    if (line !== null) await store.record({ spend: [line] });
    await rm(tickPath(folder), { force: true });
    return line?.spent ?? 0;
  } finally {
    await lock.release();
  }
}

/** Adds to a tick the time from when it was written until a worker ended. */
function withWork(tick: Tick, until: Date | null): Tick {
  const more = until === null ? 0 : Math.max(0, (until.getTime() - Date.parse(tick.at)) / 1000);
  return {
    ...tick,
    seconds: tick.seconds + more,
    microUsd: tick.microUsd + cost(usd(tick.microUsdPerHour / 1e6), seconds(more)),
  };
}

function missingLine(
  runId: string,
  { at, microUsdPerHour, priceSource, ...tick }: Tick,
  booked: { readonly seconds: number; readonly microUsd: number },
): SpendEntry | null {
  const duration = seconds(Math.max(0, tick.seconds - booked.seconds));
  const spent = Math.max(0, Math.round(tick.microUsd) - booked.microUsd) as Usd;
  // Floating-point sums of seconds may be off by less than a millisecond.
  if (spent === 0 && duration < 1e-3) return null;
  const priceUsdPerHour = usd(microUsdPerHour / 1e6);
  return { runId, time: at, kind: "machine", spent, duration, priceUsdPerHour, priceSource };
}

async function lockTick(folder: RunFolder, processes: ProcessTable, now: Date): Promise<Lock | null> {
  try {
    return await takeLock(tickLockPath(folder), processes, now, `tick-${processes.pid}`);
  } catch {
    return null;
  }
}
