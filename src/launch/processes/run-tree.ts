/**
 * @file Which processes belong to a run: its group, its control group, its marked ones, their
 * descendants, and those seen before. Pure.
 */
import type { ProcessIdentity } from "../machine.ts";
import type { ProcessRow } from "./process-list.ts";

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
