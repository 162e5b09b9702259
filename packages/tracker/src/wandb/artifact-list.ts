/** @file Lists artifacts of a run or a collection, and the collections and types of a project. */
import type { Reader, SqlValue } from "../database/database.ts";
import { artifactFrom, type WandbArtifact } from "./artifact.ts";

/** A page of numbered items; `after` is the last item of the previous page. */
export interface NumberPage {
  readonly after: number | null;
  readonly limit: number;
}

/** Which artifacts to list. */
export type ArtifactsOf =
  | { readonly madeBy: number }
  | { readonly usedBy: number }
  | { readonly project: number; readonly collection: string };

/** Committed artifacts, oldest or newest first. */
export async function listArtifacts(
  reader: Reader,
  of: ArtifactsOf,
  { after, limit }: NumberPage,
  order: "oldest" | "newest" = "oldest",
): Promise<WandbArtifact[]> {
  const { sql, values } = conditionOf(of);
  const turn = order === "oldest" ? (["ASC", ">"] as const) : (["DESC", "<"] as const);
  const behind = after === null ? "" : `AND a.number ${turn[1]} ?`;
  const rows = await reader.all(
    `SELECT a.* FROM wandb_artifacts a WHERE a.state = 'COMMITTED' AND ${sql} ${behind}
     ORDER BY a.number ${turn[0]} LIMIT ?`,
    ...[...values, ...(after === null ? [] : [after]), limit],
  );
  const artifacts: WandbArtifact[] = [];
  for (const row of rows) artifacts.push(await artifactFrom(reader, row));
  return artifacts;
}

/** Number of committed artifacts. */
export async function countArtifacts(reader: Reader, of: ArtifactsOf): Promise<number> {
  const { sql, values } = conditionOf(of);
  const [row] = await reader.all(
    `SELECT count(*) AS count FROM wandb_artifacts a WHERE a.state = 'COMMITTED' AND ${sql}`,
    ...values,
  );
  return Number(row?.["count"] ?? 0);
}

function conditionOf(of: ArtifactsOf): { readonly sql: string; readonly values: readonly SqlValue[] } {
  if ("madeBy" in of) return { sql: "a.run = ?", values: [of.madeBy] };
  if ("usedBy" in of) {
    return { sql: "a.number IN (SELECT u.artifact FROM wandb_uses u WHERE u.run = ?)", values: [of.usedBy] };
  }
  return { sql: "a.project = ? AND a.collection = ?", values: [of.project, of.collection] };
}

/** Numbers of the runs that used an artifact as an input. */
export async function listArtifactUsers(reader: Reader, artifact: number): Promise<number[]> {
  const sql = "SELECT run FROM wandb_uses WHERE artifact = ? ORDER BY run LIMIT 1000";
  return (await reader.all(sql, artifact)).map(({ run }) => Number(run));
}

/** An artifact type. */
export interface ArtifactTypeLine {
  readonly name: string;
  /** Creation time of its first artifact. */
  readonly createdMs: number;
}

/** Types of a project's artifacts, ordered by name. */
export async function listArtifactTypes(reader: Reader, project: number): Promise<ArtifactTypeLine[]> {
  const rows = await reader.all(
    `SELECT type, min(created_ms) AS created_ms FROM wandb_artifacts
     WHERE project = ? AND state = 'COMMITTED' GROUP BY type ORDER BY type LIMIT 1000`,
    project,
  );
  return rows.map((row) => ({ name: String(row["type"]), createdMs: Number(row["created_ms"]) }));
}

/** Which collections to list. */
export interface CollectionsOf {
  readonly project: number;
  /** `null`: all types. */
  readonly type: string | null;
}

/** Names of collections, sorted. */
export async function listCollections(
  reader: Reader,
  { project, type }: CollectionsOf,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await reader.all(
    `SELECT DISTINCT collection FROM wandb_artifacts
     WHERE project = ? AND state = 'COMMITTED' AND collection > ? ${type === null ? "" : "AND type = ?"}
     ORDER BY collection LIMIT ?`,
    ...[project, after, ...(type === null ? [] : [type]), limit],
  );
  return rows.map(({ collection }) => String(collection));
}

/** Number of collections. */
export async function countCollections(reader: Reader, { project, type }: CollectionsOf): Promise<number> {
  const [row] = await reader.all(
    `SELECT count(DISTINCT collection) AS count FROM wandb_artifacts
     WHERE project = ? AND state = 'COMMITTED' ${type === null ? "" : "AND type = ?"}`,
    ...[project, ...(type === null ? [] : [type])],
  );
  return Number(row?.["count"] ?? 0);
}

/** Aliases of a collection. */
export async function listAliases(reader: Reader, project: number, collection: string): Promise<string[]> {
  const sql =
    "SELECT alias FROM wandb_aliases WHERE project = ? AND collection = ? ORDER BY alias LIMIT 1000";
  return (await reader.all(sql, project, collection)).map(({ alias }) => String(alias));
}
