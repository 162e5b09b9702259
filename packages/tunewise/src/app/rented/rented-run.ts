/** @file Identifies a run to its machines. The identity stays the same in every session until the work is done. */
import type { Usd } from "@tunewise/core/quantity";
import { type RentalWorld, workIsDone } from "./dependencies.ts";
import { maxPaid } from "./records.ts";

type Known = Pick<RentalWorld, "records" | "nowMs">;

/** A run in the records of its machines. */
export interface RentedRun {
  /** Name in the records. */
  readonly run: string;
  /** Maximum cost of its machines so far. */
  readonly spentUsd: Usd;
}

/**
 * Finds the run of an experiment's machines: an unfinished one, or a new one if the work of each was done.
 *
 * @param experiment its recipe and data, as one text
 */
export async function rentedRunOf(experiment: string, { records, nowMs }: Known): Promise<RentedRun> {
  const all = await records.all();
  for (let i = 1; ; i++) {
    const run = `${experiment} ${i}`;
    const own = all.filter(({ intent }) => intent.run === run);
    if (own.some(({ reason, receipt }) => receipt !== null && reason === workIsDone)) continue;
    return { run, spentUsd: own.reduce((sum, record) => sum + maxPaid(record, nowMs()), 0) as Usd };
  }
}

/**
 * Finds the run that a machine worked for, so that the cost of its machines counts.
 *
 * @param id id of the resumed run, used as its name if no machine was rented for it
 * @param address where the run was computed, such as `ssh://tunewise-0123456789abcdef-1`; `null` for this machine
 */
export async function resumedRunOf(
  id: string,
  address: string | null,
  { records, nowMs }: Known,
): Promise<RentedRun> {
  const all = await records.all();
  // a cluster's name starts with its machine's name
  const its = all.find(({ intent }) => address?.split("/").at(-1)?.startsWith(intent.name) ?? false);
  const run = its?.intent.run ?? id;
  const own = all.filter(({ intent }) => intent.run === run);
  return { run, spentUsd: own.reduce((sum, record) => sum + maxPaid(record, nowMs()), 0) as Usd };
}
