/** @file Logged models as rows. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import { dropFact, type FactTable, putFacts, readFacts } from "../tracking/facts.ts";
import type { KeyValue, Stage } from "../tracking/types.ts";
import { readModelMetrics } from "./model-metrics.ts";
import type { LoggedModel, ModelStatus } from "./types.ts";

const loggedModelTags: FactTable = { table: "logged_model_tags", owner: "model" };
const loggedModelParams: FactTable = { table: "logged_model_params", owner: "model" };

/** A model to add. */
export type NewLoggedModel = Pick<
  LoggedModel,
  "id" | "project" | "name" | "kind" | "sourceRun" | "createdMs" | "tags" | "params"
>;

/** Converts rows of `logged_models` to models with tags, parameters and metrics, in the same order. */
export async function loggedModelsFrom(reader: Reader, rows: readonly SqlRow[]): Promise<LoggedModel[]> {
  const numbers = rows.map((row) => Number(row["number"]));
  const tags = await readFacts(reader, loggedModelTags, numbers);
  const params = await readFacts(reader, loggedModelParams, numbers);
  const metrics = await readModelMetrics(reader, numbers);
  return rows.map((row) => {
    const number = Number(row["number"]);
    return {
      number,
      id: String(row["id"]),
      project: Number(row["project"]),
      name: String(row["name"]),
      kind: String(row["kind"]),
      status: String(row["status"]) as ModelStatus,
      stage: String(row["stage"]) as Stage,
      sourceRun: textOrNull(row, "source_run"),
      createdMs: Number(row["created_ms"]),
      changedMs: Number(row["changed_ms"]),
      tags: tags.get(number) ?? [],
      params: params.get(number) ?? [],
      metrics: metrics.get(number) ?? [],
    };
  });
}

/** @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND`, also if the model is deleted and `stages` excludes that */
export async function findLoggedModel(
  reader: Reader,
  id: string,
  stages: readonly Stage[] = ["active"],
): Promise<LoggedModel> {
  const rows = await reader.all("SELECT * FROM logged_models WHERE id = ?", id);
  const [model] = await loggedModelsFrom(reader, rows);
  if (!model || !stages.includes(model.stage)) throw problem("LOGGED_MODEL_NOT_FOUND", { id });
  return model;
}

/** Adds a model whose files have not been uploaded yet. */
export async function addLoggedModel(transaction: Transaction, model: NewLoggedModel): Promise<LoggedModel> {
  const { id, project, name, kind, sourceRun, createdMs, tags, params } = model;
  const rows = await transaction.all(
    `INSERT INTO logged_models (id, project, name, kind, status, stage, source_run, created_ms, changed_ms)
     VALUES (?, ?, ?, ?, 'pending', 'active', ?, ?, ?) RETURNING number`,
    ...[id, project, name, kind, sourceRun, createdMs, createdMs],
  );
  const number = Number(rows[0]?.["number"]);
  await putFacts(transaction, loggedModelTags, number, tags);
  await addLoggedModelParams(transaction, id, params);
  return findLoggedModel(transaction, id);
}

/** Changes status or stage. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
export async function changeLoggedModel(
  transaction: Transaction,
  id: string,
  change: { readonly status?: ModelStatus; readonly stage?: Stage },
  nowMs: number,
): Promise<LoggedModel> {
  const model = await findLoggedModel(transaction, id);
  const changed = { status: model.status, stage: model.stage, ...change, changedMs: nowMs };
  await transaction.run(
    "UPDATE logged_models SET status = ?, stage = ?, changed_ms = ? WHERE number = ?",
    ...[changed.status, changed.stage, nowMs, model.number],
  );
  return { ...model, ...changed };
}

/**
 * Adds parameters. Repeating an equal value is allowed.
 *
 * @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND`, `MODEL_PARAM_CHANGED`
 */
export async function addLoggedModelParams(
  transaction: Transaction,
  id: string,
  params: readonly KeyValue[],
): Promise<void> {
  const model = await findLoggedModel(transaction, id);
  const known = new Map(model.params.map(({ key, value }) => [key, value]));
  for (const { key, value } of params) {
    if ((known.get(key) ?? value) !== value) throw problem("MODEL_PARAM_CHANGED", { id, key });
    known.set(key, value);
  }
  await putFacts(transaction, loggedModelParams, model.number, params);
}

/** Sets tags. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
export async function putLoggedModelTags(
  transaction: Transaction,
  id: string,
  tags: readonly KeyValue[],
): Promise<void> {
  const { number } = await findLoggedModel(transaction, id);
  await putFacts(transaction, loggedModelTags, number, tags);
}

/** Deletes a tag. Returns whether it existed. @throws {TunewiseError} `LOGGED_MODEL_NOT_FOUND` */
export async function dropLoggedModelTag(
  transaction: Transaction,
  id: string,
  key: string,
): Promise<boolean> {
  const { number } = await findLoggedModel(transaction, id);
  return dropFact(transaction, loggedModelTags, number, key);
}
