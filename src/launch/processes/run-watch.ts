/**
 * @file Looks at the processes of one run, now and again.
 */
import type { Machine, ProcessIdentity } from "../machine.ts";
import type { RunMeter } from "../meter/meter-file.ts";
import { openCgroup, type RunCgroup } from "./cgroup.ts";
import { listProcesses, type ProcessRow } from "./process-list.ts";
import { processesOf } from "./run-tree.ts";
import { becomeSubreaper, type Subreaper } from "./subreaper.ts";

/** Most processes of a run that are remembered from look to look: the meter must stay below what is read of it. */
const knownMost = 5_000;

/** What a look has found. */
export interface Seen {
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
  async look({ leader, front }: RunMeter): Promise<Seen> {
    const { cgroup, subreaper } = this;
    subreaper?.bury(this.child);
    const rows = await listProcesses(this.machine.platform, this.mark);
    const reaper = subreaper === null ? null : this.machine.pid;
    const outside = [this.machine.pid, ...rows.filter((row) => isSame(row, front)).map(({ pid }) => pid)];
    const members = cgroup?.members() ?? new Set<number>();
    const found = processesOf(rows, { leader, known: this.known, members, reaper, outside });
    this.known = found.slice(0, knownMost).map(({ pid, start }) => ({ pid, start }));
    const hasOthers = (subreaper?.bury(this.child) ?? false) || (cgroup?.isPopulated() ?? false);
    return { rows: found, isEmpty: found.length === 0 && !hasOthers };
  }
}

function isSame(row: ProcessRow, { pid, start }: ProcessIdentity): boolean {
  return row.pid === pid && row.start === start;
}
