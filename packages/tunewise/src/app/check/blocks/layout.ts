/** @file Defines a task of a divided check, and maps the rows of blocks to rows of the whole data set. */
import type { DataSetFacts, WordStatistics } from "@tunewise/datacheck";
import type { BlockPlan } from "./plan.ts";
import type { StoredValues } from "./stored.ts";

/** Positions of the blocks' rows in the whole data set. */
export interface Layout {
  /** The first row of each block, then the total number of rows. */
  readonly firstRows: readonly number[];
  readonly starts: readonly number[];
}

/** A task: the plan, the stored values, and the index of the task in its step. */
export interface Task {
  readonly plan: BlockPlan;
  readonly stored: StoredValues;
  readonly index: number;
}

/** Facts about the whole data set. */
export async function factsOf({ job }: BlockPlan, stored: StoredValues): Promise<DataSetFacts> {
  const { starts } = await stored.read<Layout>("layout");
  const statistics = await stored.read<WordStatistics>("statistics");
  return { statistics, starts, areLabels: job.areLabels };
}

/** Index of the block that contains a row. */
export function blockOf({ firstRows }: Layout, row: number): number {
  let [from, to] = [0, firstRows.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if ((firstRows[middle] as number) <= row) from = middle;
    else to = middle;
  }
  return from;
}
