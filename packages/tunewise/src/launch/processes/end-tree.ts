/** @file Sends signals to the processes of a run, and to a process only if its id was not reused. */
import { setTimeout as wait } from "node:timers/promises";
import { isRunning, type Machine, type ProcessIdentity, type Signal } from "../machine.ts";
import type { RunCgroup } from "./cgroup.ts";
import type { ProcessSnapshot, RunWatch } from "./run-watch.ts";

/** Lists the processes of the run again. */
export type FindProcesses = () => Promise<ProcessSnapshot>;

/** Max. time to end a tree before the remaining processes are reported. */
const endingMs = 10_000;
/** Time between two rounds; each round finds the processes forked during the previous one. */
const roundMs = 10;
/** Max. scans per round that stop the processes found, until a scan finds no new process. */
const maxScans = 5;
/** How long children are killed in a tight loop, the only way to catch processes that live for 100 microseconds. */
const childrenMs = 50;

/** Result of ending a process tree. */
export interface TreeEnd {
  /** Number of processes that were ended. */
  readonly ended: number;
  /** Number of processes that could not be ended, such as those of another user; at least 1 if any is left. */
  readonly left: number;
}

/** Passes Ctrl-C to the group of a command, as a terminal would. */
export async function interruptGroup(
  machine: Machine,
  leader: ProcessIdentity,
  find: FindProcesses,
): Promise<void> {
  if (await isRunning(machine, leader)) return send(machine, -leader.pid, "SIGINT");
  // The leader has ended and its id may be reused soon, so the processes of its group are signaled one by one.
  for (const row of (await find()).rows) {
    if (row.group === leader.pid && (await isRunning(machine, row))) send(machine, row.pid, "SIGINT");
  }
}

/** Sends SIGTERM to processes that outlived the command: background processes ignore Ctrl-C. */
export async function terminateAll(machine: Machine, find: FindProcesses): Promise<void> {
  for (const row of (await find()).rows) {
    if (await isRunning(machine, row)) send(machine, row.pid, "SIGTERM");
  }
}

/**
 * Ends every process of the run, including those started meanwhile.
 *
 * A control group is killed in one step. Without one, processes are stopped before they are killed, so that none forks
 * in between. The children of this process are killed too: orphans are reparented to it, and ids among its children
 * cannot belong to a foreign process.
 */
export async function endTree(machine: Machine, watch: RunWatch, find: FindProcesses): Promise<TreeEnd> {
  const ended = new Set<string>();
  const until = machine.monotonicMs() + endingMs;
  while (true) {
    const seen = await holdAll(machine, find);
    const cgroup = watch.cgroup;
    for (const row of seen.rows) ended.add(nameOf(row));
    if (!seen.isEmpty && ended.size === 0) ended.add("too quick to be listed");
    if (cgroup !== null && !cgroup.kill()) endFrozen(machine, cgroup);
    for (const row of seen.rows) {
      if (await isRunning(machine, row)) send(machine, row.pid, "SIGKILL");
    }
    killChildren(machine, watch);
    const left = await find();
    if (left.isEmpty) return { ended: ended.size, left: 0 };
    if (machine.monotonicMs() >= until) {
      const names = new Set(left.rows.map(nameOf));
      const gone = [...ended].filter((name) => !names.has(name)).length;
      return { ended: gone, left: Math.max(1, left.rows.length) };
    }
    await wait(roundMs);
  }
}

/** Stops all processes found, scan after scan, until a scan finds no new process. */
async function holdAll(machine: Machine, find: FindProcesses): Promise<ProcessSnapshot> {
  const held = new Set<string>();
  let seen = await find();
  for (let scan = 0; scan < maxScans; scan++) {
    const fresh = seen.rows.filter((row) => !held.has(nameOf(row)));
    if (fresh.length === 0) break;
    for (const row of fresh) {
      held.add(nameOf(row));
      if (await isRunning(machine, row)) send(machine, row.pid, "SIGSTOP");
    }
    seen = await find();
  }
  return seen;
}

/** For kernels before 5.14: processes in a frozen group cannot fork, and their ids cannot be reused. */
function endFrozen(machine: Machine, cgroup: RunCgroup): void {
  cgroup.freeze(true);
  for (const pid of cgroup.members()) send(machine, pid, "SIGKILL");
  cgroup.freeze(false);
}

/** Kills the children of this process. The id of a child is not reused until this process reaps it. */
function killChildren(machine: Machine, watch: RunWatch): void {
  if (watch.subreaper === null) return;
  const until = machine.monotonicMs() + childrenMs;
  while (machine.monotonicMs() < until) {
    const children = watch.subreaper.children();
    for (const pid of children) send(machine, pid, "SIGKILL");
    const hasAny = watch.subreaper.reap(watch.child);
    if (!hasAny || children.every((pid) => pid === watch.child)) return;
  }
}

function nameOf({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}`;
}

function send(machine: Machine, pid: number, signal: Signal): void {
  try {
    machine.signal(pid, signal);
  } catch {
    // It has ended in the meantime or belongs to another user; the next scan shows which.
  }
}
