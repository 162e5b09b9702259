/**
 * @file Which processes belong to a run (its group, its control group, its marked ones, their descendants, and those
 * seen before), looked at now and again.
 */
import type { Machine, ProcessIdentity } from "../machine.ts";
import type { RunMeter } from "../meter/meter-file.ts";
import { openCgroup, type RunCgroup } from "./cgroup.ts";
import { listProcesses, type ProcessRow } from "./process-list.ts";
import { becomeSubreaper, type Subreaper } from "./subreaper.ts";

/** Most processes of a run that are remembered from look to look: the meter must stay below what is read of it. */
const maxKnown = 5_000;

/** What a look has found. */
export interface ProcessSnapshot {
  /** Living processes of the run, as far as they stood still long enough to be listed. */
  readonly rows: readonly ProcessRow[];
  /** Whether nobody is left: also true to processes that fork faster than they can be listed. */
  readonly isEmpty: boolean;
}

/** Who belongs to the run; orphans come to this process where the system can do that. */
export class RunWatch {
  /** A child of this process that Node itself waits for; `null`: none. */
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

  /** Who of the run is there now; ended orphans are buried on the way. */
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

/** By what the processes of a run are known. */
export interface RunAnchors {
  /** Leads the process group of the same number. */
  readonly leader: ProcessIdentity | null;
  /** Seen before as part of the run. */
  readonly known: readonly ProcessIdentity[];
  /** Numbers of processes in the run's control group, where it has one. */
  readonly members: ReadonlySet<number>;
  /** A process to which orphans of the run come; its other children are the run's, it is not. */
  readonly reaper: number | null;
  /** Never part of the run: supervisors and who started them. */
  readonly outside: readonly number[];
}

/**
 * The living processes of a run.
 *
 * A group's number is used again once the group is empty, so a group counts only while its leader or somebody known
 * in it is the same process as before.
 */
export function processesOf(rows: readonly ProcessRow[], anchors: RunAnchors): ProcessRow[] {
  const { leader, members, reaper } = anchors;
  const outside = new Set(anchors.outside);
  const known = new Set([...anchors.known, ...(leader === null ? [] : [leader])].map(nameOf));
  const isKnown = (row: ProcessRow): boolean => known.has(nameOf(row));
  // A zombie still holds its number, so that a group led by one is the same group.
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
