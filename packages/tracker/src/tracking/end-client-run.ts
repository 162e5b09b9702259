/** @file Ends a client's run: its status, its last time in the ledger, and a run that it repeats. */

import type { Transaction } from "../database/database.ts";
import { endWork } from "../ledger/meter-run.ts";
import { settleRun } from "../ledger/metering.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { noteRepetition } from "./repetition.ts";
import { changeTrackedRun } from "./runs.ts";
import type { TrackedChange } from "./types.ts";

/**
 * Ends a run. Its session ends at `endedMs`, or at its last activity.
 *
 * @param change its status and end; empty if they are recorded already
 */
export async function endClientRun(
  transaction: Transaction,
  run: number,
  change: TrackedChange,
  context: Pick<TrackingContext, "price" | "now">,
): Promise<void> {
  await changeTrackedRun(transaction, run, change);
  await endWork(transaction, run);
  await settleRun(transaction, run, context);
  await noteRepetition(transaction, run);
}
