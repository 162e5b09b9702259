/** @file What clients log, written: metrics, parameters that never change, tags that may. */
import { problem } from "../../problem/index.ts";
import type { Target, Transaction } from "../database/database.ts";
import { writePoints } from "../points/write-points.ts";
import type { Fact, LogBatch, TrackedRun } from "./nouns.ts";
import { findTrackedRun } from "./runs.ts";
import { putTags } from "./tags.ts";

const params: Target = { table: "params", columns: { run: "integer", key: "text", value: "text" } };

/**
 * Writes a batch to the run of an id, all of it or nothing.
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
 * Writes a batch to a run, all of it or nothing.
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

/** A parameter says what the run was started with: the same again is fine, another value is not. */
async function addParams(transaction: Transaction, run: TrackedRun, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const known = new Map<string, string>();
  for (const row of await transaction.all("SELECT key, value FROM params WHERE run = ?", run.number)) {
    known.set(String(row["key"]), String(row["value"]));
  }
  const fresh: (number | string)[][] = [];
  for (const { key, value } of facts) {
    const before = known.get(key);
    if (before !== undefined && before !== value) {
      throw problem("PARAM_CHANGED", { id: run.id, key, before: shortened(before), value: shortened(value) });
    }
    if (before === undefined) fresh.push([run.number, key, value]);
    known.set(key, value);
  }
  await transaction.insert(params, fresh);
}

/** Values may be thousands of letters long. */
function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
