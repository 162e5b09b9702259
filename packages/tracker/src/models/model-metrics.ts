/** @file Metrics that runs measured on models: points together with the dataset used. */

import type { Reader, Target, Transaction } from "../database/database.ts";
import { listsOf, placeholders, readAmong } from "../database/rows.ts";
import { numberColumns, pointFrom } from "../points/point.ts";
import { problem } from "../problem/index.ts";
import type { ModelMetric } from "./types.ts";

const target: Target = {
  table: "logged_model_metrics",
  columns: {
    model: "integer",
    key: "text",
    step: "integer",
    ms: "integer",
    run: "integer",
    dataset_name: "text",
    dataset_digest: "text",
    value: "real",
    special: "text",
  },
};

/**
 * Adds metrics that a run measured on models. Adding a point again changes nothing. Deleted models accept points too,
 * so that a run that evaluates one does not fail.
 *
 * @param run number of the run
 * @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND`
 */
export async function addModelMetrics(
  transaction: Transaction,
  run: number,
  metrics: readonly (Omit<ModelMetric, "run"> & { readonly modelId: string })[],
): Promise<void> {
  const numbers = await modelNumbers(transaction, [...new Set(metrics.map(({ modelId }) => modelId))]);
  const rows = metrics.map(({ modelId, key, step, ms, value, datasetName, datasetDigest }) => {
    const model = numbers.get(modelId) ?? 0;
    return [model, key, step, ms, run, datasetName, datasetDigest, ...numberColumns(value)];
  });
  await transaction.insert(target, rows, "ON CONFLICT DO NOTHING");
}

/** Row numbers of models by their ids. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
export async function modelNumbers(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>();
  if (ids.length === 0) return numbers;
  const sql = `SELECT id, number FROM logged_models WHERE id IN (${placeholders(ids)})`;
  for (const row of await reader.all(sql, ...ids)) {
    numbers.set(String(row["id"]), Number(row["number"]));
  }
  for (const id of ids) if (!numbers.has(id)) throw problem("LOGGED_MODEL_NOT_FOUND", { id });
  return numbers;
}

/** Maximum points per model, and per page of models. Models have single figures, not curves. */
const maxPoints = 1000;
const maxPointsOfPage = 20_000;

/**
 * Points of models by the models' numbers, ordered by key and step. Beyond the maximum, the latest point of each series
 * takes precedence over earlier ones.
 */
export async function readModelMetrics(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly ModelMetric[]>> {
  const most = Math.min(maxPoints, Math.ceil(maxPointsOfPage / Math.max(1, numbers.length)));
  const rows = await readAmong(
    reader,
    numbers,
    (among) => `SELECT kept.*, runs.id AS run_id FROM (
        SELECT aged.*, row_number() OVER (PARTITION BY model ORDER BY nth, key, run, dataset_name) AS place FROM (
          SELECT f.*, row_number() OVER (PARTITION BY f.model, f.key, f.run, f.dataset_name, f.dataset_digest
            ORDER BY f.step DESC, f.ms DESC, f.value DESC) AS nth
          FROM logged_model_metrics f WHERE f.model IN (${among})) aged) kept
      JOIN runs ON runs.number = kept.run WHERE kept.place <= ? ORDER BY kept.model, kept.key, kept.step, kept.ms`,
    [],
    [most],
  );
  return listsOf(numbers, "model", rows, (row) => ({
    key: String(row["key"]),
    ...pointFrom(row),
    run: String(row["run_id"]),
    datasetName: String(row["dataset_name"]),
    datasetDigest: String(row["dataset_digest"]),
  }));
}
