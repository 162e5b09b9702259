/** @file The beginning of a supervision: the command of a lost supervisor is adopted, or the command is started. */
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
  /** The shell, where it is a child of this process: Node waits for it. */
  readonly child: number | null;
  /** With its exit code where it left by itself; `null`: the command is no child of this process. */
  readonly ended: Promise<number | null> | null;
  /** Paid for while nobody ticked, as far as the command itself was there. */
  readonly unwatchedMs: number;
  /** Since the last tick: what is paid where somebody that it started is still there. */
  readonly sinceTickMs: number;
}

/** Between two looks for the claim of a started command, and how many there are. */
const [claimMs, maxClaimPolls] = [5, 2_000];

/** How the shell leaves where another one has started the command, and may not have written its number yet. */
const startedBefore = 75;

/** Takes a command that was started before, running or ended; `null` if none was. */
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
  // It has ended meanwhile: counted until it wrote its exit code, or until the last tick where it wrote none.
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
  // Another start may have won; then its process is the one to watch.
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
