/**
 * @file Signals to the processes of a run, each only while it is the process that was meant.
 */
import { setTimeout as wait } from "node:timers/promises";
import { isRunning, type Machine, type ProcessIdentity } from "../machine.ts";
import type { ProcessRow } from "./process-list.ts";

/** Looks at the processes of the run anew. */
export type FindProcesses = () => Promise<ProcessRow[]>;

/** Rounds of ending; each finds what was forked during the one before. */
const roundsMost = 200;
/** Between two rounds. */
const roundMs = 10;

/** Passes Ctrl-C to the group of a command, as a terminal would. */
export async function interruptGroup(
  machine: Machine,
  leader: ProcessIdentity,
  find: FindProcesses,
): Promise<void> {
  if (await isRunning(machine, leader)) return send(machine, -leader.pid, "SIGINT");
  // The leader has ended; its number may be somebody else's soon, so those of its group are told one by one.
  for (const row of await find()) {
    if (row.group === leader.pid && (await isRunning(machine, row))) send(machine, row.pid, "SIGINT");
  }
}

/**
 * Ends every process of the run, also those started while it works.
 *
 * @returns how many could not be ended, such as those of another user
 */
export async function endTree(machine: Machine, find: FindProcesses): Promise<number> {
  let left: ProcessRow[] = [];
  for (let round = 0; round < roundsMost; round++) {
    left = await find();
    if (left.length === 0) return 0;
    for (const row of left) {
      if (await isRunning(machine, row)) send(machine, row.pid, "SIGKILL");
    }
    await wait(roundMs);
  }
  return left.length;
}

function send(machine: Machine, pid: number, signal: "SIGINT" | "SIGKILL"): void {
  try {
    machine.signal(pid, signal);
  } catch {
    // It has ended in between, or belongs to somebody else: the next look tells.
  }
}
