/**
 * @file Commands that were noted down and never started: whoever was to start them is gone. Their meters say so from
 * then on, so that nobody takes them for being at work.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Machine, ProcessIdentity } from "./machine.ts";
import { type RunMeter, readMeter, saveMeter } from "./meter/meter-file.ts";
import { readClaim } from "./processes/start-command.ts";

/** What of a machine is needed to tell. */
type Witness = Pick<Machine, "host" | "now" | "startOf" | "takeLock" | "writeWhole">;

/**
 * Ends the meters of commands that will not be started any more. One that somebody else looks at, or that cannot be
 * written now, is left to whoever comes next.
 *
 * @param root folder with one folder per command
 * @returns their ids
 */
export async function endUnstarted(root: string, machine: Witness): Promise<string[]> {
  const ended: string[] = [];
  for (const name of namesIn(root)) {
    const folder = join(root, name);
    const meter = readMeter(folder);
    if (meter === null || !(await isUnstarted(folder, meter, machine))) continue;
    if (await end(folder, machine)) ended.push(meter.runId);
  }
  return ended;
}

/** Ends the meter of a command that its own front gave up, so that the command's server ends at once. */
export async function endGivenUp(folder: string, machine: Witness): Promise<void> {
  await end(folder, machine, true);
}

/** Under the lock that supervisors take: one that begins now finds the command ended, and starts nothing. */
async function end(folder: string, machine: Witness, isGivenUp = false): Promise<boolean> {
  const lock = await machine.takeLock(join(folder, "lock")).catch(() => null);
  if (lock === null) return false;
  try {
    const meter = readMeter(folder);
    if (meter === null || !(await isUnstarted(folder, meter, machine, isGivenUp))) return false;
    return await saveMeter(
      folder,
      { ...meter, status: "ended", endedAt: machine.now().toISOString() },
      machine,
    ).then(
      () => true,
      () => false,
    );
  } finally {
    await lock.release();
  }
}

async function isUnstarted(
  folder: string,
  meter: RunMeter,
  machine: Witness,
  isGivenUp = false,
): Promise<boolean> {
  const { status, host, leader, front, supervisor } = meter;
  if (status !== "starting" || host !== machine.host || leader !== null) return false;
  if (!(isGivenUp || (await isGone(machine, front))) || (supervisor && !(await isGone(machine, supervisor))))
    return false;
  return readClaim(folder) === null;
}

/** Surely: a process that cannot be told from another one may be there. */
async function isGone(machine: Witness, { pid, start }: ProcessIdentity): Promise<boolean> {
  const now = await machine.startOf(pid);
  return now === null || (now !== "unknown" && start !== "unknown" && now !== start);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
