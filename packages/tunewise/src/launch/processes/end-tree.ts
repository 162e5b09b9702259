/** @file Signals to the processes of a run, each only while it is the process that was meant. */
import { setTimeout as wait } from "node:timers/promises";
import { isRunning, type Machine, type ProcessIdentity, type Signal } from "../machine.ts";
import type { RunCgroup } from "./cgroup.ts";
import type { ProcessSnapshot, RunWatch } from "./run-watch.ts";

/** Looks at the processes of the run again. */
export type FindProcesses = () => Promise<ProcessSnapshot>;

/** How long a tree is worked on before what is left is said. */
const endingMs = 10_000;
/** Between two rounds; each finds what was forked during the one before. */
const roundMs = 10;
/** Scans per round in which whoever is found is held, until one finds nobody new. */
const maxScans = 5;
/** How long children are hunted without a pause: processes that live for 100 microseconds are met in no other way. */
const childrenMs = 50;

/** What became of a tree. */
export interface TreeEnd {
  /** Processes that were ended. */
  readonly ended: number;
  /** Processes that could not be ended, such as those of another user; at least 1 where somebody is left. */
  readonly left: number;
}

/** Passes Ctrl-C to the group of a command, as a terminal would. */
export async function interruptGroup(
  machine: Machine,
  leader: ProcessIdentity,
  find: FindProcesses,
): Promise<void> {
  if (await isRunning(machine, leader)) return send(machine, -leader.pid, "SIGINT");
  // The leader has ended; its number may be somebody else's soon, so those of its group are told one by one.
  for (const row of (await find()).rows) {
    if (row.group === leader.pid && (await isRunning(machine, row))) send(machine, row.pid, "SIGINT");
  }
}

/** Asks whoever outlived the command to end: started in the background, they do not hear Ctrl-C. */
export async function terminateAll(machine: Machine, find: FindProcesses): Promise<void> {
  for (const row of (await find()).rows) {
    if (await isRunning(machine, row)) send(machine, row.pid, "SIGTERM");
  }
}

/**
 * Ends every process of the run, also those started while it works.
 *
 * The control group does it in one step where there is one. Without it, processes are held before they are ended, so
 * that none forks in between, and children of this process are hunted: orphans come here, and nobody else's number
 * can stand among them.
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

/** Stops all that is found, scan after scan, until a scan finds nobody new. */
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

/** For kernels before 5.14: nobody in a frozen group forks or gives its number away. */
function endFrozen(machine: Machine, cgroup: RunCgroup): void {
  cgroup.freeze(true);
  for (const pid of cgroup.members()) send(machine, pid, "SIGKILL");
  cgroup.freeze(false);
}

/** A number among the children of this process stays theirs until it is buried here. */
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
    // It has ended in between, or belongs to somebody else: the next look tells.
  }
}
