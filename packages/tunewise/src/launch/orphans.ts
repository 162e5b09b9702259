/**
 * @file Commands that no process watches: one that runs gets a new supervisor, and one that was registered but never
 * started is marked as ended, so that it is not taken for running.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isRunning, type Machine, type ProcessIdentity } from "./machine.ts";
import { type RunMeter, readMeter, saveMeter } from "./meter/meter-file.ts";
import { readClaim } from "./processes/start-command.ts";
import { silentMs, silentTicks } from "./silence.ts";
import { startSupervisor } from "./start-supervisor.ts";

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

/** A suspended supervisor has stopped its meter, and its launcher, which would wake it, is gone. */
function wakeSilent(machine: Machine, meter: RunMeter, { pid }: ProcessIdentity): void {
  if (machine.monotonicMs() - meter.tickedMs < Math.max(silentMs, silentTicks * meter.tickMs)) return;
  try {
    machine.signal(pid, "SIGCONT");
  } catch {
    // It has ended meanwhile; the next call finds an orphan.
  }
}

/** What is needed of a machine. */
type OrphanMachine = Pick<Machine, "host" | "now" | "startOf" | "takeLock" | "writeWhole">;

/**
 * Ends the meters of commands that will not be started. One that another process works on, or that cannot be written
 * now, is left for the next call.
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

/** Takes the lock of supervisors, so that one that begins now finds the command ended and starts nothing. */
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

/** Whether a process has certainly ended; one that cannot be told from another may still run. */
async function isGone(machine: OrphanMachine, { pid, start }: ProcessIdentity): Promise<boolean> {
  const now = await machine.startOf(pid);
  return now === null || (now !== "unknown" && start !== "unknown" && now !== start);
}

/** Meters of a folder with one folder per run, by name; each is read when it is its turn. */
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
