/**
 * @file Handles commands that no process watches. A running command gets a new supervisor. A command that was
 * registered but never started is marked as ended, so that it does not count as running.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isRunning, type Machine, type ProcessIdentity } from "./machine.ts";
import { type RunMeter, readMeter, saveMeter } from "./meter/meter-file.ts";
import { readClaim } from "./processes/start-command.ts";
import { startSupervisor } from "./start-supervisor.ts";
import { silentMs, silentTicks } from "./supervisor-watchdog.ts";

/**
 * Starts supervisors for orphaned runs: those of this machine whose launcher and supervisor are gone.
 *
 * @param root folder with one folder per run
 * @returns their meters
 */
export async function adoptOrphans(
  root: string,
  machine: Machine,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunMeter[]> {
  const adopted: RunMeter[] = [];
  for (const { folder, meter } of metersIn(root)) {
    if (meter.status === "ended" || meter.host !== machine.host) continue;
    const watchers = [meter.front, meter.supervisor].filter((watcher) => watcher !== null);
    const watched = await Promise.all(watchers.map((watcher) => isRunning(machine, watcher)));
    if (watched.includes(true)) {
      if (watched[0] === false && meter.supervisor !== null) wakeSilent(machine, meter, meter.supervisor);
      continue;
    }
    startSupervisor(machine, folder, null, environment);
    adopted.push(meter);
  }
  return adopted;
}

/** Wakes a supervisor that is suspended and does not tick. Its launcher, which would otherwise wake it, is gone. */
function wakeSilent(machine: Machine, meter: RunMeter, { pid }: ProcessIdentity): void {
  if (machine.monotonicMs() - meter.tickedMs < Math.max(silentMs, silentTicks * meter.tickMs)) return;
  try {
    machine.signal(pid, "SIGCONT");
  } catch {
    // It has ended meanwhile; the next call finds an orphan.
  }
}

/** The part of `Machine` that is needed here. */
type OrphanMachine = Pick<Machine, "host" | "now" | "startOf" | "takeLock" | "writeWhole">;

/**
 * Ends the meters of commands that will never be started. Meters that are locked by another process or cannot be
 * written now are left for the next call.
 *
 * @param root folder with one folder per command
 * @returns their ids
 */
export async function endUnstarted(root: string, machine: OrphanMachine): Promise<string[]> {
  const ended: string[] = [];
  for (const { folder, meter } of metersIn(root)) {
    if ((await isUnstarted(folder, meter, machine)) && (await end(folder, machine))) ended.push(meter.runId);
  }
  return ended;
}

/** Ends the meter of a command that its own launcher gave up, so that the command's server ends at once. */
export async function endGivenUp(folder: string, machine: OrphanMachine): Promise<void> {
  await end(folder, machine, true);
}

/** Holds the supervisor lock meanwhile, so that a supervisor that starts now finds the command ended. */
async function end(folder: string, machine: OrphanMachine, isGivenUp = false): Promise<boolean> {
  const lock = await machine.takeLock(join(folder, "lock")).catch(() => null);
  if (lock === null) return false;
  try {
    const meter = readMeter(folder);
    if (meter === null || !(await isUnstarted(folder, meter, machine, isGivenUp))) return false;
    const ended = { ...meter, status: "ended", endedAt: machine.now().toISOString() } as const;
    const isSaved = saveMeter(folder, ended, machine).then(() => true);
    return await isSaved.catch(() => false);
  } finally {
    await lock.release();
  }
}

async function isUnstarted(
  folder: string,
  meter: RunMeter,
  machine: OrphanMachine,
  isGivenUp = false,
): Promise<boolean> {
  const { status, host, leader, front, supervisor } = meter;
  if (status !== "starting" || host !== machine.host || leader !== null) return false;
  if (!(isGivenUp || (await isGone(machine, front))) || (supervisor && !(await isGone(machine, supervisor))))
    return false;
  return readClaim(folder) === null;
}

/** Whether a process has certainly ended; a process that cannot be identified may still run. */
async function isGone(machine: OrphanMachine, { pid, start }: ProcessIdentity): Promise<boolean> {
  const now = await machine.startOf(pid);
  return now === null || (now !== "unknown" && start !== "unknown" && now !== start);
}

/** Yields the meters of a folder with one folder per run, sorted by name; reads each one only when it is requested. */
function* metersIn(root: string): Generator<{ readonly folder: string; readonly meter: RunMeter }> {
  let names: string[];
  try {
    names = readdirSync(root).sort();
  } catch {
    return;
  }
  for (const name of names) {
    const meter = readMeter(join(root, name));
    if (meter !== null) yield { folder: join(root, name), meter };
  }
}
