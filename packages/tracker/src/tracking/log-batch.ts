/** @file Writes what clients log: metrics, immutable parameters, and tags. */

import type { Transaction } from "../database/database.ts";
import { writePoints } from "../points/write-points.ts";
import { problem } from "../problem/index.ts";
import { addParams, putTags } from "./facts.ts";
import { findTrackedRun } from "./runs.ts";
import type { LogBatch, TrackedRun } from "./types.ts";

/**
 * Writes a batch to the run with an id, atomically.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_DELETED`, `PARAM_CHANGED`
 */
export async function logBatch(
  transaction: Transaction,
  id: string,
  batch: LogBatch,
  nowMs: number,
): Promise<TrackedRun> {
  const run = await findTrackedRun(transaction, id);
  await logTo(transaction, run, batch, nowMs);
  return run;
}

/**
 * Writes a batch to a run, atomically.
 *
 * @throws {TunewiseError} `RUN_DELETED`, `PARAM_CHANGED`
 */
export async function logTo(
  transaction: Transaction,
  run: TrackedRun,
  batch: LogBatch,
  nowMs: number,
): Promise<void> {
  if (run.stage === "deleted") throw problem("RUN_DELETED", { id: run.id });
  await addParams(transaction, run, batch.params);
  await putTags(transaction, run.number, batch.tags);
  await writePoints(
    transaction,
    batch.metrics.map((point) => ({ ...point, run: run.number })),
  );
  await transaction.run("UPDATE runs SET seen_ms = ?, document = NULL WHERE number = ?", nowMs, run.number);
}
