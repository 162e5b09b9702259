/** @file Ends a client's run: records its last time in the ledger, and finds a run that it repeats. */
import { endWork, noteRepetition, type Transaction } from "@tunewise/tracker";
import { settleRun } from "./metering.ts";
import type { TrackingContext } from "./tracking-context.ts";

/** Closes a run whose status and end time are already recorded. */
export async function endClientRun(
  transaction: Transaction,
  run: number,
  context: Pick<TrackingContext, "price" | "now">,
): Promise<void> {
  await endWork(transaction, run);
  await settleRun(transaction, run, context);
  await noteRepetition(transaction, run);
}
