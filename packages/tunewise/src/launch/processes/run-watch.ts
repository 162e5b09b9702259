/**
 * @file Polls which processes belong to a run: those of its process group and control group, marked processes, their
 * descendants, and processes seen before.
 */
import type { Machine, ProcessIdentity } from "../machine.ts";
import type { RunMeter } from "../meter/meter-file.ts";
import { openCgroup, type RunCgroup } from "./cgroup.ts";
import { listProcesses, type ProcessRow } from "./process-list.ts";
import { becomeSubreaper, type Subreaper } from "./subreaper.ts";

/** Max. processes of a run that are remembered between polls; the meter must stay below its max. size. */
const maxKnown = 5_000;

/** Result of a poll. */
export interface ProcessSnapshot {
  /** Live processes of the run, except those too short-lived to be listed. */
  readonly rows: readonly ProcessRow[];
  /** Whether no process is left; a subreaper or control group also detects processes too short-lived to be listed. */
  readonly isEmpty: boolean;
}

/** Finds the processes of a run. Makes this process the parent of its orphans if the system supports that. */
export class RunWatch {
  /** A child of this process that Node itself waits for; `null` if there is none. */
  child: number | null = null;
  readonly subreaper: Subreaper | null;
  readonly cgroup: RunCgroup | null;
  private readonly machine: Machine;
  private readonly mark: string;
  private known: readonly ProcessIdentity[];

  constructor(machine: Machine, meter: RunMeter) {
    this.machine = machine;
    this.mark = `TUNEWISE_RUN_ID=${meter.runId}`;
    this.subreaper = becomeSubreaper(machine.platform, machine.pid);
    this.cgroup = typeof meter.cgroup === "string" ? openCgroup(meter.cgroup, meter.runId) : null;
    this.known = meter.strays;
  }

  /** Lists the current processes of the run, and reaps ended orphans. */
  async poll({ leader, front }: RunMeter): Promise<ProcessSnapshot> {
    const { cgroup, subreaper } = this;
    subreaper?.reap(this.child);
    const rows = await listProcesses(this.machine.platform, this.mark);
    const reaper = subreaper === null ? null : this.machine.pid;
    const outside = [this.machine.pid, ...rows.filter((row) => isSame(row, front)).map(({ pid }) => pid)];
    const members = cgroup?.members() ?? new Set<number>();
    const found = processesOf(rows, { leader, known: this.known, members, reaper, outside });
    this.known = found.slice(0, maxKnown).map(({ pid, start }) => ({ pid, start }));
    const hasOthers = (subreaper?.reap(this.child) ?? false) || (cgroup?.isPopulated() ?? false);
    return { rows: found, isEmpty: found.length === 0 && !hasOthers };
  }
}

function isSame(row: ProcessRow, { pid, start }: ProcessIdentity): boolean {
  return row.pid === pid && row.start === start;
}

/** Facts that identify the processes of a run. */
export interface RunAnchors {
  /** Leader of the process group with the same id. */
  readonly leader: ProcessIdentity | null;
  /** Processes seen before as part of the run. */
  readonly known: readonly ProcessIdentity[];
  /** Ids of processes in the run's control group, if it has one. */
  readonly members: ReadonlySet<number>;
  /** Process that orphans of the run are reparented to. Its children belong to the run, but it does not. */
  readonly reaper: number | null;
  /** Processes that are never part of the run: supervisors and their starters. */
  readonly outside: readonly number[];
}

/**
 * Finds the live processes of a run.
 *
 * The system may reuse a group's id once the group is empty. A group therefore counts only while it contains its
 * leader or another known process.
 */
export function processesOf(rows: readonly ProcessRow[], anchors: RunAnchors): ProcessRow[] {
  const { leader, members, reaper } = anchors;
  const outside = new Set(anchors.outside);
  const known = new Set([...anchors.known, ...(leader === null ? [] : [leader])].map(nameOf));
  const isKnown = (row: ProcessRow): boolean => known.has(nameOf(row));
  // A zombie keeps its id, so a group led by a zombie is still the same group.
  const isGroupOurs = leader !== null && rows.some((row) => row.group === leader.pid && isKnown(row));
  const children = grouped(rows);
  const found = new Map<number, ProcessRow>();
  const queue = rows.filter(
    (row) =>
      row.isMarked ||
      members.has(row.pid) ||
      isKnown(row) ||
      (isGroupOurs && row.group === leader?.pid) ||
      (reaper !== null && row.parent === reaper),
  );
  for (let row = queue.pop(); row; row = queue.pop()) {
    if (found.has(row.pid) || outside.has(row.pid)) continue;
    found.set(row.pid, row);
    queue.push(...(children.get(row.pid) ?? []));
  }
  return [...found.values()].filter(({ isZombie }) => !isZombie).sort((one, other) => one.pid - other.pid);
}

function grouped(rows: readonly ProcessRow[]): Map<number, ProcessRow[]> {
  const children = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const beside = children.get(row.parent);
    if (beside) beside.push(row);
    else children.set(row.parent, [row]);
  }
  return children;
}

function nameOf({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}`;
}
