/**
 * @file Permanently removes the rows of deleted items. One row per run remains, without anything that was logged: its
 * number, id, project, person and cost, for the ledger. Ledger entries stay unchanged.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";

/** An item to remove, with what identifies its files. */
export interface PurgeItem {
  readonly number: number;
  readonly id: string;
  readonly project: number;
}

/** Tables with rows for what a run logged, except the ledger and the cost of commands. */
export const runTables: readonly string[] = [
  ...["series", "params", "tags", "recipe_runs", "events", "artifacts", "scores", "inputs", "journals"],
  ...["wandb_runs", "wandb_rows", "console_lines", "wandb_uses", "run_outputs", "run_model_inputs"],
  ...["logged_model_metrics", "run_traces"],
];
/** Tables with rows that describe a model. */
export const modelTables: readonly string[] = [
  ...["logged_model_tags", "logged_model_params", "logged_model_metrics", "run_outputs", "run_model_inputs"],
];

/** Excludes runs of the built-in engine, whose run folders hold their record too. */
const goneRuns = `FROM runs r WHERE r.stage = 'deleted' AND r.deleted_ms <= ? AND r.client <> 'tunewise'`;
const runIsUsed = "EXISTS (SELECT 1 FROM model_versions v WHERE v.run = r.id)";
const goneModels = `FROM logged_models m JOIN projects p ON p.number = m.project
  WHERE ((m.stage = 'deleted' AND m.changed_ms <= ?)
    OR (m.stage <> 'purging' AND p.stage = 'deleted' AND p.changed_ms <= ?))`;
const modelIsUsed = "EXISTS (SELECT 1 FROM model_versions v WHERE v.logged_model = m.id)";
const goneProjects = `FROM projects p WHERE p.stage = 'deleted' AND p.changed_ms <= ? AND p.number <> 0
  AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.project = p.number AND r.stage IN ('active', 'deleted')
    AND (r.client = 'tunewise' OR r.deleted_ms > ? OR ${runIsUsed}))
  AND NOT EXISTS (SELECT 1 FROM logged_models m WHERE m.project = p.number AND ${modelIsUsed})`;

/** Number of items to remove. */
export interface PurgeCounts {
  readonly runs: number;
  readonly models: number;
  readonly projects: number;
  /** Runs and models that are retained because a model version was created from them. */
  readonly kept: number;
}

/** Counts the items deleted up to a time. */
export async function countDeleted(reader: Reader, beforeMs: number): Promise<PurgeCounts> {
  const count = async (sql: string, ...values: number[]): Promise<number> =>
    Number((await reader.all(`SELECT count(*) AS count ${sql}`, ...values))[0]?.["count"] ?? 0);
  const usedRuns = await count(`${goneRuns} AND ${runIsUsed}`, beforeMs);
  const usedModels = await count(`${goneModels} AND ${modelIsUsed}`, beforeMs, beforeMs);
  return {
    runs: (await count(goneRuns, beforeMs)) - usedRuns,
    models: (await count(goneModels, beforeMs, beforeMs)) - usedModels,
    projects: await count(goneProjects, beforeMs, beforeMs),
    kept: usedRuns + usedModels,
  };
}

/** The next batch of runs to remove. */
export function nextRuns(reader: Reader, beforeMs: number, most: number): Promise<PurgeItem[]> {
  const sql = `SELECT r.number, r.id, r.project ${goneRuns} AND NOT ${runIsUsed} ORDER BY r.number LIMIT ?`;
  return items(reader, sql, beforeMs, most);
}

/** The next batch of logged models to remove. */
export function nextModels(reader: Reader, beforeMs: number, most: number): Promise<PurgeItem[]> {
  const sql = `SELECT m.number, m.id, m.project ${goneModels} AND NOT ${modelIsUsed} ORDER BY m.number LIMIT ?`;
  return items(reader, sql, beforeMs, beforeMs, most);
}

/** The next batch of projects to remove. */
export function nextProjects(reader: Reader, beforeMs: number, most: number): Promise<PurgeItem[]> {
  const sql = `SELECT p.number, p.name AS id, p.number AS project ${goneProjects} ORDER BY p.number LIMIT ?`;
  return items(reader, sql, beforeMs, beforeMs, most);
}

/** Items of an interrupted purge, whose rows are removed but whose files may remain. */
export function halfGone(
  reader: Reader,
  table: "runs" | "logged_models" | "projects",
  most: number,
): Promise<PurgeItem[]> {
  const [id, project] = table === "projects" ? ["name", "number"] : ["id", "project"];
  const sql = `SELECT number, ${id} AS id, ${project} AS project FROM ${table} WHERE stage = 'purging'
    ORDER BY number LIMIT ?`;
  return items(reader, sql, most);
}

async function items(reader: Reader, sql: string, ...values: number[]): Promise<PurgeItem[]> {
  return (await reader.all(sql, ...values)).map((row) => ({
    number: Number(row["number"]),
    id: String(row["id"]),
    project: Number(row["project"]),
  }));
}

/** Removes what runs logged. @param purposeTag the tag with a run's purpose, which the ledger still needs */
export async function removeRunRows(
  transaction: Transaction,
  runs: readonly PurgeItem[],
  purposeTag: string,
): Promise<void> {
  const [numbers, among] = amongOf(runs);
  const series = `(SELECT number FROM series WHERE run IN (${among}))`;
  await transaction.run(
    `UPDATE runs SET purpose = 'production' WHERE number IN (${among}) AND EXISTS (SELECT 1 FROM tags t
       WHERE t.run = runs.number AND t.key = ? AND t.value = 'production')`,
    ...numbers,
    purposeTag,
  );
  for (const table of ["points", "blocks", "levels"]) {
    await transaction.run(`DELETE FROM ${table} WHERE series IN ${series}`, ...numbers);
  }
  for (const table of runTables) {
    await transaction.run(`DELETE FROM ${table} WHERE run IN (${among})`, ...numbers);
  }
  await transaction.run(`UPDATE launches SET command = '' WHERE run IN (${among})`, ...numbers);
  await transaction.run(
    `UPDATE runs SET stage = 'purging', name = '', document = NULL, fingerprint = NULL, family = NULL
     WHERE number IN (${among})`,
    ...numbers,
  );
  const projects = [...new Set(runs.map(({ project }) => project))];
  await transaction.run(
    `DELETE FROM datasets WHERE project IN (${placeholders(projects)})
       AND NOT EXISTS (SELECT 1 FROM inputs i WHERE i.dataset = datasets.number)`,
    ...projects,
  );
}

/** Removes what describes models. */
export async function removeModelRows(transaction: Transaction, models: readonly PurgeItem[]): Promise<void> {
  const [numbers, among] = amongOf(models);
  for (const table of modelTables) {
    await transaction.run(`DELETE FROM ${table} WHERE model IN (${among})`, ...numbers);
  }
  await transaction.run(`UPDATE logged_models SET stage = 'purging' WHERE number IN (${among})`, ...numbers);
}

/**
 * Removes the data of projects whose runs and models were removed before. The projects' names become available again.
 */
export async function removeProjectRows(
  transaction: Transaction,
  projects: readonly PurgeItem[],
): Promise<void> {
  const [numbers, among] = amongOf(projects);
  const traces = `(SELECT number FROM traces WHERE project IN (${among}))`;
  for (const table of ["trace_tags", "trace_metadata", "assessments"]) {
    await transaction.run(`DELETE FROM ${table} WHERE trace IN ${traces}`, ...numbers);
  }
  await transaction.run(
    `DELETE FROM run_traces WHERE trace IN (SELECT id FROM traces WHERE project IN (${among}))`,
    ...numbers,
  );
  for (const table of ["traces", "project_tags", "grants", "budgets", "datasets", "views"]) {
    await transaction.run(`DELETE FROM ${table} WHERE project IN (${among})`, ...numbers);
  }
  for (const number of numbers) {
    await transaction.run(
      "UPDATE projects SET stage = 'purging', name = ?, artifact_root = NULL WHERE number = ?",
      `purged project ${number}`,
      number,
    );
  }
}

/** Marks runs whose files have been removed. */
export async function endRuns(transaction: Transaction, runs: readonly PurgeItem[]): Promise<void> {
  const [numbers, among] = amongOf(runs);
  await transaction.run(`UPDATE runs SET stage = 'purged' WHERE number IN (${among})`, ...numbers);
}

/** Removes the rows of models whose files have been removed. */
export async function endModels(transaction: Transaction, models: readonly PurgeItem[]): Promise<void> {
  const [numbers, among] = amongOf(models);
  await transaction.run(`DELETE FROM logged_models WHERE number IN (${among})`, ...numbers);
}

/**
 * Removes the remaining data of projects whose files have been removed. The project's row stays for the cost of its
 * runs.
 */
export async function endProjects(transaction: Transaction, projects: readonly PurgeItem[]): Promise<void> {
  const [numbers, among] = amongOf(projects);
  const artifacts = `(SELECT number FROM wandb_artifacts WHERE project IN (${among}))`;
  for (const table of ["wandb_artifact_files", "wandb_uses"]) {
    await transaction.run(`DELETE FROM ${table} WHERE artifact IN ${artifacts}`, ...numbers);
  }
  for (const table of ["wandb_aliases", "wandb_artifacts"]) {
    await transaction.run(`DELETE FROM ${table} WHERE project IN (${among})`, ...numbers);
  }
  await transaction.run(`UPDATE projects SET stage = 'purged' WHERE number IN (${among})`, ...numbers);
}

/** Numbers of a project's W&B artifacts, whose manifests are stored as files. */
export async function wandbArtifactsOf(reader: Reader, project: number): Promise<number[]> {
  const rows = await reader.all("SELECT number FROM wandb_artifacts WHERE project = ?", project);
  return rows.map((row) => Number(row["number"]));
}

function amongOf(list: readonly PurgeItem[]): readonly [number[], string] {
  return [list.map(({ number }) => number), placeholders(list)];
}
