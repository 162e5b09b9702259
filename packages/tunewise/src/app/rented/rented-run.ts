/** @file What a run is known by to its machines: the same whoever asks, until its work is done. */
import type { Usd } from "@tunewise/core/quantity";
import { paidAtMost } from "./records.ts";
import { type RentalWorld, workIsDone } from "./world.ts";

type Known = Pick<RentalWorld, "records" | "nowMs">;

/** A run, as the records of its machines know it. */
export interface RentedRun {
  /** Name in the records. */
  readonly run: string;
  /** What its machines have cost at most. */
  readonly spentUsd: Usd;
}

/**
 * Finds the run that machines of an experiment belong to: the one that was left, or a new one if each came to an end.
 *
 * @param experiment its recipe and data, as one text
 */
export async function rentedRunOf(experiment: string, { records, nowMs }: Known): Promise<RentedRun> {
  const all = await records.all();
  for (let i = 1; ; i++) {
    const run = `${experiment} ${i}`;
    const own = all.filter(({ intent }) => intent.run === run);
    if (own.some(({ reason, receipt }) => receipt !== null && reason === workIsDone)) continue;
    return { run, spentUsd: own.reduce((sum, record) => sum + paidAtMost(record, nowMs()), 0) as Usd };
  }
}

/**
 * Finds the run that a machine worked for, so that what its machines have cost counts.
 *
 * @param id of a run that is resumed; its name where no machine was rented for it
 * @param address where it was computed, such as `ssh://tunewise-0123456789abcdef-1`; `null`: here
 */
export async function resumedRunOf(
  id: string,
  address: string | null,
  { records, nowMs }: Known,
): Promise<RentedRun> {
  const all = await records.all();
  // the name of a cluster begins with that of its machine
  const its = all.find(({ intent }) => address?.split("/").at(-1)?.startsWith(intent.name) ?? false);
  const run = its?.intent.run ?? id;
  const own = all.filter(({ intent }) => intent.run === run);
  return { run, spentUsd: own.reduce((sum, record) => sum + paidAtMost(record, nowMs()), 0) as Usd };
}
