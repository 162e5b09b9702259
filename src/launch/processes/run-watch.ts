/**
 * @file Looks at the processes of one run, now and again.
 */
import type { Machine, ProcessIdentity } from "../machine.ts";
import type { RunMeter } from "../meter/meter-file.ts";
import { listProcesses, type ProcessRow } from "./process-list.ts";
import { processesOf } from "./run-tree.ts";
import { becomeSubreaper, type Subreaper } from "./subreaper.ts";

/** Most processes of a run that are remembered from look to look. */
const knownMost = 10_000;

/** Who belongs to the run; orphans come to this process where the system can do that. */
export class RunWatch {
  private readonly machine: Machine;
  private readonly mark: string;
  private readonly subreaper: Subreaper | null;
  private known: readonly ProcessIdentity[];

  constructor(machine: Machine, meter: RunMeter) {
    this.machine = machine;
    this.mark = `TUNEWISE_RUN_ID=${meter.runId}`;
    this.subreaper = becomeSubreaper(machine.platform);
    this.known = meter.strays;
  }

  /** The living processes of the run; ended orphans are buried on the way. */
  async look({ leader, front }: RunMeter): Promise<ProcessRow[]> {
    const rows = await listProcesses(this.machine.platform, this.mark);
    const reaper = this.subreaper === null ? null : this.machine.pid;
    for (const row of rows) {
      // The leader may be a child whose exit Node itself waits for.
      if (row.isZombie && row.parent === reaper && row.pid !== leader?.pid) this.subreaper?.bury(row.pid);
    }
    const outside = [this.machine.pid, ...rows.filter((row) => isSame(row, front)).map(({ pid }) => pid)];
    const found = processesOf(rows, { leader, known: this.known, reaper, outside });
    this.known = found.slice(0, knownMost).map(({ pid, start }) => ({ pid, start }));
    return found;
  }
}

function isSame(row: ProcessRow, { pid, start }: ProcessIdentity): boolean {
  return row.pid === pid && row.start === start;
}
