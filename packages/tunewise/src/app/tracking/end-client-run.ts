/** @file The end of a client's run: its last time goes into the ledger, and a run that it repeats is found. */
import { endWork, noteRepetition, type Transaction } from "@tunewise/tracker";
import { settleRun } from "./metering.ts";
import type { TrackingContext } from "./tracking-context.ts";

/** Closes a run whose status and end are recorded. */
export async function endClientRun(
  transaction: Transaction,
  run: number,
  context: Pick<TrackingContext, "price" | "now">,
): Promise<void> {
  await endWork(transaction, run);
  await settleRun(transaction, run, context);
  await noteRepetition(transaction, run);
}
