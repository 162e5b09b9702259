/** @file Begins a supervision: adopts the command of a lost supervisor, or starts the command. */
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
  /** Process id of the shell if it is a child of this process, in which case Node waits for it. */
  readonly child: number | null;
  /** Resolves to the exit code, or to `null` after a signal. `null` if the command is not a child of this process. */
  readonly ended: Promise<number | null> | null;
  /** Time without a supervisor during which the command itself was running; it is paid for. */
  readonly unwatchedMs: number;
  /** Time since the last tick; paid for in full if a process that the command started is still running. */
  readonly sinceTickMs: number;
}

/** Interval and max. number of checks for the claim of a started command. */
const [claimMs, maxClaimPolls] = [5, 2_000];

/** Exit code of the shell if another one has started the command, possibly without having written its id yet. */
const startedBefore = 75;

/** Adopts a command that was started before, running or ended; returns `null` if none was started. */
export async function adoptCommand(
  folder: string,
  meter: RunMeter,
  machine: Machine,
): Promise<Beginning | null> {
  const leader = meter.leader ?? (await claimedLeader(folder, meter.runId, machine));
  const sinceTickMs = Math.max(0, machine.monotonicMs() - meter.tickedMs);
  if (leader !== null && (await isRunning(machine, leader))) {
    return { leader, isRunning: true, child: null, ended: null, unwatchedMs: sinceTickMs, sinceTickMs };
  }
  if (leader === null && readClaim(folder) === null) return null;
  // It has ended meanwhile. Its time counts until it wrote its exit code, or until the last tick if it wrote none.
  const exit = commandExit(folder);
  const lived = exit === null ? 0 : exit.atMs - Date.parse(meter.tickedAt);
  const unwatchedMs = Math.min(sinceTickMs, Math.max(0, lived));
  return { leader, isRunning: false, child: null, ended: null, unwatchedMs, sinceTickMs };
}

/** Starts the command and waits until it has claimed the run. */
export async function beginCommand(
  folder: string,
  door: string | null,
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): Promise<Beginning> {
  const child = startCommand(folder, door, command, environment);
  let hasFailed = false;
  const ended = Promise.race([once(child, "exit"), once(child, "error")])
    .catch(() => [])
    .then(([code]: unknown[]) => {
      hasFailed = code !== startedBefore;
      return typeof code === "number" ? code : null;
    });
  for (let look = 0; look < maxClaimPolls && readClaim(folder) === null && !hasFailed; look++)
    await wait(claimMs);
  const claim = readClaim(folder);
  // Another start may have claimed the run first; then its process is the one to watch.
  const start = claim === null ? null : await machine.startOf(claim.pid);
  const leader = claim === null || start === null ? null : { pid: claim.pid, start };
  const isOwn = claim === null || claim.pid === child.pid;
  return {
    leader,
    isRunning: leader !== null,
    child: child.pid ?? null,
    ended: isOwn ? ended : null,
    unwatchedMs: 0,
    sinceTickMs: 0,
  };
}

/** The process named by the claim, if its identity is certain. */
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
