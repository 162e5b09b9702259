/** @file A task of a divided check, and where rows stand in the whole data set. */
import type { DataSetFacts, WordStatistics } from "@tunewise/datacheck";
import type { BlockPlan } from "./plan.ts";
import type { StoredValues } from "./stored.ts";

/** Where the rows of blocks stand in the whole data set. */
export interface Layout {
  /** The first row of each block, and the number of rows. */
  readonly firstRows: readonly number[];
  readonly starts: readonly number[];
}

/** A task: what was planned, what is stored, and its number. */
export interface Task {
  readonly plan: BlockPlan;
  readonly stored: StoredValues;
  readonly index: number;
}

/** What is known of the whole data set. */
export async function factsOf({ job }: BlockPlan, stored: StoredValues): Promise<DataSetFacts> {
  const { starts } = await stored.read<Layout>("layout");
  const statistics = await stored.read<WordStatistics>("statistics");
  return { statistics, starts, areLabels: job.areLabels };
}

/** The block of a row. */
export function blockOf({ firstRows }: Layout, row: number): number {
  let [from, to] = [0, firstRows.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if ((firstRows[middle] as number) <= row) from = middle;
    else to = middle;
  }
  return from;
}
