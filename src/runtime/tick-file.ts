/**
 * @file What a run's meter stood at, once a second, in a file of its folder: what a kill leaves out of the ledger is
 * read from there, and comes in once.
 */
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { seconds, type Usd, usd } from "../quantity/index.ts";
import {
  type JournaledStore,
  type Lock,
  type ProcessTable,
  type RunFolder,
  type SpendEntry,
  takeLock,
} from "../track/index.ts";
import { readTextFile } from "../untrusted/index.ts";

/** The meter of a run at one instant, over all its sessions; charges beside the time of the machine are not in it. */
export interface Tick {
  readonly formatVersion: 1;
  /** ISO instant. */
  readonly at: string;
  readonly seconds: number;
  readonly microUsd: number;
  readonly microUsdPerHour: number;
  readonly priceSource: string;
}

/** Bytes of the file: a tick is written over the one before, in room that was taken at the start. */
export const tickBytes = 1024;
/** Letters of a price's source that are kept. */
const sourceCharsMost = 200;

/** Where the tick of a run lies while a process works on it. */
export function tickPath({ path }: Pick<RunFolder, "path">): string {
  return join(path, "meter.tick");
}

/** The lock under which a tick is booked. */
export function tickLockPath(folder: Pick<RunFolder, "path">): string {
  return `${tickPath(folder)}.lock`;
}

/** A tick as its file holds it. */
export function tickText(tick: Tick): string {
  const priceSource = tick.priceSource.slice(0, sourceCharsMost);
  return `${JSON.stringify({ ...tick, priceSource }).padEnd(tickBytes - 1)}\n`;
}

/** Takes the room for ticks, with a first one in it; `false` where there is none. */
export async function writeFirstTick(path: string, tick: Tick): Promise<boolean> {
  try {
    const file = await open(path, "w");
    await file.writeFile(tickText(tick)).finally(() => file.close());
    return true;
  } catch {
    return false; // a full disk: the run's own writing says so
  }
}

/** The tick that a file holds; `null`: none that can be read. */
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

/** Time and money of the machine in a run's ledger, charges aside. */
export async function machineSpend(
  store: Pick<JournaledStore, "totalSpend">,
  runId: string,
): Promise<{ readonly seconds: number; readonly microUsd: number }> {
  const { spent, duration, charged } = await store.totalSpend(runId);
  return { seconds: duration, microUsd: spent - charged };
}

/**
 * Brings into the ledger what the last tick of a run holds beyond it, and takes the tick away. Once: what is in the
 * ledger then is what the tick says.
 *
 * @returns micro-dollars that were missing
 * @throws {TunewiseError} what the store throws
 */
export async function bookTick(
  store: JournaledStore,
  runId: string,
  folder: RunFolder,
  processes: ProcessTable,
  now: Date,
): Promise<number> {
  const lock = await lockTick(folder, processes, now);
  if (lock === null) return 0; // somebody else is at it
  try {
    const tick = await readTick(tickPath(folder));
    await store.catchUp(runId);
    const line = tick && missingLine(runId, tick, await machineSpend(store, runId));
    if (line !== null) await store.record({ spend: [line] });
    await rm(tickPath(folder), { force: true });
    return line?.spent ?? 0;
  } finally {
    await lock.release();
  }
}

function missingLine(
  runId: string,
  { at, microUsdPerHour, priceSource, ...tick }: Tick,
  booked: { readonly seconds: number; readonly microUsd: number },
): SpendEntry | null {
  const duration = seconds(Math.max(0, tick.seconds - booked.seconds));
  const spent = Math.max(0, Math.round(tick.microUsd) - booked.microUsd) as Usd;
  // A millisecond is what adding up seconds as floating point may be off by, and more.
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
