/** @file Projects as rows: created, changed, deleted with their runs, restored; and conditions on them. */

import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { readAmong, textOrNull } from "../database/rows.ts";
import {
  anyOf,
  compared,
  directionOf,
  type FieldCondition,
  factCondition,
  readPage,
  type SqlPart,
} from "../database/search.ts";
import { problem } from "../problem/index.ts";
import { projectTags, putProjectTags, readFacts } from "./facts.ts";
import type { KeyValue, Project, Stage } from "./types.ts";

/** Which projects to list. */
export interface ProjectQuery {
  readonly stages: readonly Stage[];
  /** Conditions that must all hold, see `projectCondition`. */
  readonly conditions: readonly SqlPart[];
  /** Columns of `projects`, most significant first. */
  readonly order: readonly { readonly column: string; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Projects with their tags, in the requested order. */
export async function listProjects(reader: Reader, query: ProjectQuery): Promise<Project[]> {
  const order = query.order.map((item) => ({ sql: `${item.column} ${directionOf(item)}`, values: [] }));
  const rows = await readPage(
    reader,
    "SELECT * FROM projects",
    [anyOf("stage", query.stages), ...query.conditions],
    [...order, { sql: "number DESC", values: [] }],
    query,
  );
  return withTags(reader, rows);
}

/** The project, or `null`. */
export async function findProject(
  reader: Reader,
  by: { number: number } | { name: string },
): Promise<Project | null> {
  const [column, value] = "number" in by ? ["number", by.number] : ["name", by.name];
  const there = "stage IN ('active', 'deleted')";
  const rows = await reader.all(`SELECT * FROM projects WHERE ${column} = ? AND ${there}`, value);
  const [project] = await withTags(reader, rows);
  return project ?? null;
}

/**
 * Adds a project.
 *
 * @throws {TunewiseError} `PROJECT_EXISTS`, also if a deleted project has this name
 */
export async function addProject(
  transaction: Transaction,
  {
    name,
    artifactRoot,
    tags,
    nowMs,
  }: {
    readonly name: string;
    readonly artifactRoot: string | null;
    readonly tags: readonly KeyValue[];
    readonly nowMs: number;
  },
): Promise<Project> {
  const [row] = await transaction.all(
    `INSERT INTO projects (name, stage, created_ms, changed_ms, artifact_root) VALUES (?, 'active', ?, ?, ?)
     ON CONFLICT (name) DO NOTHING RETURNING *`,
    ...[name, nowMs, nowMs, artifactRoot],
  );
  if (!row) {
    const known = await findProject(transaction, { name });
    throw problem("PROJECT_EXISTS", { name, number: known?.number ?? 0, stage: known?.stage ?? "active" });
  }
  await putProjectTags(transaction, Number(row["number"]), tags);
  return projectFrom(row, tags);
}

/** The project with a name, created if missing, restored if deleted. */
export async function openProject(transaction: Transaction, name: string, nowMs: number): Promise<Project> {
  const found = await findProject(transaction, { name });
  if (!found) return addProject(transaction, { name, artifactRoot: null, tags: [], nowMs });
  if (found.stage === "deleted") await changeProject(transaction, found.number, { stage: "active" }, nowMs);
  return found;
}

/** Changes name or stage. @throws {TunewiseError} `PROJECT_EXISTS` */
export async function changeProject(
  transaction: Transaction,
  number: number,
  change: { readonly name?: string; readonly stage?: Stage },
  nowMs: number,
): Promise<void> {
  if (change.name !== undefined) {
    const other = await findProject(transaction, { name: change.name });
    if (other && other.number !== number) {
      throw problem("PROJECT_EXISTS", { name: change.name, number: other.number, stage: other.stage });
    }
    await transaction.run("UPDATE projects SET name = ? WHERE number = ?", change.name, number);
  }
  if (change.stage !== undefined)
    await transaction.run("UPDATE projects SET stage = ? WHERE number = ?", change.stage, number);
  await transaction.run("UPDATE projects SET changed_ms = ? WHERE number = ?", nowMs, number);
}

async function withTags(reader: Reader, rows: readonly SqlRow[]): Promise<Project[]> {
  if (rows.length === 0) return [];
  const numbers = rows.map((row) => Number(row["number"]));
  const tags = await readFacts(reader, projectTags, numbers);
  return rows.map((row) => projectFrom(row, tags.get(Number(row["number"])) ?? []));
}

function projectFrom(row: SqlRow, tags: readonly KeyValue[]): Project {
  return {
    number: Number(row["number"]),
    name: String(row["name"]),
    stage: String(row["stage"]) as Stage,
    createdMs: Number(row["created_ms"]),
    changedMs: Number(row["changed_ms"]),
    artifactRoot: textOrNull(row, "artifact_root"),
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  };
}

/** The field of a condition. */
export type ProjectField =
  | { readonly of: "project"; readonly column: "name" | "created_ms" | "changed_ms" }
  | { readonly of: "tag"; readonly key: string };

/** A condition on projects. */
export type ProjectCondition = FieldCondition<ProjectField>;

/** A condition in the form that `listProjects` takes. */
export function projectCondition(dialect: Dialect, { field, comparison, values }: ProjectCondition): SqlPart {
  if (field.of === "project") return compared(dialect, `projects.${field.column}`, comparison, values);
  const from = "FROM project_tags f WHERE f.project = projects.number AND f.key = ?";
  return factCondition(dialect, { from, column: "f.value" }, field.key, { comparison, values });
}

/** Artifact locations of the projects that have their own. */
export async function readArtifactRoots(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await readAmong(
    reader,
    numbers,
    (among) =>
      `SELECT number, artifact_root FROM projects WHERE artifact_root IS NOT NULL AND number IN (${among})`,
  );
  return new Map(rows.map((row) => [Number(row["number"]), String(row["artifact_root"])]));
}

/** Deletes a project and its runs, which can be restored. @returns the number of deleted runs */
export async function deleteProject(
  transaction: Transaction,
  project: Project,
  nowMs: number,
): Promise<number> {
  await changeProject(transaction, project.number, { stage: "deleted" }, nowMs);
  return transaction.run(
    "UPDATE runs SET stage = 'deleted', deleted_ms = ? WHERE project = ? AND stage = 'active'",
    nowMs,
    project.number,
  );
}

/**
 * Restores a deleted project, with the runs that were deleted with it. Runs deleted earlier stay deleted.
 *
 * @returns the number of restored runs
 */
export async function restoreProject(
  transaction: Transaction,
  project: Project,
  nowMs: number,
): Promise<number> {
  const runs = await transaction.run(
    "UPDATE runs SET stage = 'active', deleted_ms = NULL WHERE project = ? AND stage = 'deleted' AND deleted_ms = ?",
    project.number,
    project.changedMs,
  );
  await changeProject(transaction, project.number, { stage: "active" }, nowMs);
  return runs;
}
