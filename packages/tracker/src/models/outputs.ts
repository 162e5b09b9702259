/** @file Models that runs produced or used as inputs. */

import type { Reader, Target, Transaction } from "../database/database.ts";
import { listsOf, readAmong } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { findTrackedRun } from "../tracking/runs.ts";
import { modelNumbers } from "./model-metrics.ts";

/** A model that a run produced, and the step at which it did. */
export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

const target: Target = {
  table: "run_outputs",
  columns: { run: "integer", model: "integer", step: "integer" },
};

/**
 * Records which models a run produced; recording them again changes nothing.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_DELETED`, `LOGGED_MODEL_NOT_FOUND`
 */
export async function addOutputs(
  transaction: Transaction,
  id: string,
  outputs: readonly ModelOutput[],
): Promise<void> {
  const run = await findTrackedRun(transaction, id);
  if (run.stage === "deleted") throw problem("RUN_DELETED", { id });
  const numbers = await modelNumbers(transaction, [...new Set(outputs.map(({ modelId }) => modelId))]);
  const rows = outputs.map(({ modelId, step }) => [run.number, numbers.get(modelId) ?? 0, step]);
  await transaction.insert(target, rows, "ON CONFLICT DO NOTHING");
}

/**
 * Models produced by runs, by the runs' numbers. Deleted models are omitted.
 *
 * @param numbers of the runs
 */
export async function readOutputs(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly ModelOutput[]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (among) => `SELECT o.run, o.step, m.id FROM run_outputs o JOIN logged_models m ON m.number = o.model
      WHERE o.run IN (${among}) AND m.stage = 'active' ORDER BY o.run, o.step, m.number`,
  );
  return listsOf(numbers, "run", rows, ({ id, step }) => ({ modelId: String(id), step: Number(step) }));
}

/**
 * Records a run's input models; recording them again changes nothing.
 *
 * @param run number of the run
 * @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND`
 */
export async function addModelInputs(
  transaction: Transaction,
  run: number,
  models: readonly string[],
): Promise<void> {
  const numbers = await modelNumbers(transaction, [...new Set(models)]);
  const into: Target = { table: "run_model_inputs", columns: { run: "integer", model: "integer" } };
  await transaction.insert(
    into,
    [...numbers.values()].map((model) => [run, model]),
    "ON CONFLICT DO NOTHING",
  );
}

/**
 * Ids of the runs' input models, by the runs' numbers. Deleted models are omitted.
 *
 * @param numbers of the runs
 */
export async function readModelInputs(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (among) => `SELECT i.run, m.id FROM run_model_inputs i JOIN logged_models m ON m.number = i.model
      WHERE i.run IN (${among}) AND m.stage = 'active' ORDER BY i.run, m.number`,
  );
  return listsOf(numbers, "run", rows, ({ id }) => String(id));
}

/** The tag in which older MLflow clients store a run's models. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const historyTag = "mlflow.log-model.history";
/** Maximum length of that tag in characters. */
const maxHistory = 1_000_000;

/**
 * Adds a model to a run's model history, as stored by clients before MLflow 3. Returns `false` if the history would
 * become too long.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_DELETED`
 */
export async function addModelHistory(
  transaction: Transaction,
  id: string,
  entry: object,
  nowMs: number,
): Promise<boolean> {
  const run = await findTrackedRun(transaction, id);
  const sql = "SELECT value FROM tags WHERE run = ? AND key = ?";
  const [row] = await transaction.all(sql, run.number, historyTag);
  const value = JSON.stringify([...entriesOf(row?.["value"]), entry]);
  if (value.length > maxHistory) return false;
  await logBatch(transaction, id, { metrics: [], params: [], tags: [{ key: historyTag, value }] }, nowMs);
  return true;
}

/** Parses leniently, because a client may have set the tag to anything. */
function entriesOf(text: unknown): readonly unknown[] {
  try {
    const entries: unknown = JSON.parse(String(text));
    return Array.isArray(entries) ? entries : [];
  } catch {
    return [];
  }
}
