/**
 * @file The beginning of a supervision: the command of a lost supervisor is adopted, or the command is started.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { isRunning, type Machine, type ProcessIdentity } from "./machine.ts";
import type { RunMeter } from "./meter/meter-file.ts";
import { listProcesses } from "./processes/process-list.ts";
import { commandExit, readClaim, startCommand } from "./processes/start-command.ts";

/** A command under supervision. */
export interface Beginning {
  readonly leader: ProcessIdentity | null;
  readonly isRunning: boolean;
  /** Where the command is a child of this process. */
  readonly ended: Promise<unknown> | null;
  /** Paid for while nobody ticked. */
  readonly unwatchedMs: number;
}

/** Between two looks for the claim of a started command, and how many there are. */
const [claimMs, claimLooks] = [5, 2_000];

/** Takes a command that was started before, running or ended; `null` if none was. */
export async function adoptCommand(
  folder: string,
  meter: RunMeter,
  machine: Machine,
): Promise<Beginning | null> {
  const leader = meter.leader ?? (await claimedLeader(folder, meter.runId, machine));
  const sinceTick = Math.max(0, machine.monotonicMs() - meter.tickedMs);
  if (leader !== null && (await isRunning(machine, leader))) {
    return { leader, isRunning: true, ended: null, unwatchedMs: sinceTick };
  }
  if (leader === null && readClaim(folder) === null) return null;
  // It has ended meanwhile: counted until it wrote its exit code, or until the last tick where it wrote none.
  const exit = commandExit(folder);
  const lived = exit === null ? 0 : exit.atMs - Date.parse(meter.tickedAt);
  return { leader, isRunning: false, ended: null, unwatchedMs: Math.min(sinceTick, Math.max(0, lived)) };
}

/** Starts the command and waits until it has claimed the run. */
export async function beginCommand(
  folder: string,
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): Promise<Beginning> {
  const child = startCommand(folder, command, environment);
  let isGone = false;
  const ended = Promise.race([once(child, "exit"), once(child, "error")])
    .catch(() => undefined)
    .then(() => {
      isGone = true;
    });
  for (let look = 0; look < claimLooks && readClaim(folder) === null && !isGone; look++) await wait(claimMs);
  const claim = readClaim(folder);
  // Another start may have won; then its process is the one to watch.
  const start = claim === null ? null : await machine.startOf(claim.pid);
  const leader = claim === null || start === null ? null : { pid: claim.pid, start };
  return { leader, isRunning: leader !== null, ended, unwatchedMs: 0 };
}

/** The process named by the claim, if it can be told for certain that it is the one. */
async function claimedLeader(
  folder: string,
  runId: string,
  machine: Machine,
): Promise<ProcessIdentity | null> {
  const claim = readClaim(folder);
  if (claim === null) return null;
  const rows = await listProcesses(machine.platform, `TUNEWISE_RUN_ID=${runId}`);
  const row = rows.find(({ pid }) => pid === claim.pid);
  if (row === undefined || !(row.isMarked || row.start === claim.start)) return null;
  return { pid: row.pid, start: row.start };
}
