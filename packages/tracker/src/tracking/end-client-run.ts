/** @file Ends a client's run: records its last time in the ledger, and finds a run that it repeats. */

import type { Transaction } from "../database/database.ts";
import { endWork } from "../ledger/meter-run.ts";
import { settleRun } from "../ledger/metering.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { noteRepetition } from "./repetition.ts";

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
