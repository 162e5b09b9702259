/**
 * @file W&B artifacts: versions of collections, with aliases. The files are in the artifact store, addressed by
 * content.
 */
import type { Reader, SqlRow, SqlValue, Target, Transaction } from "../database/database.ts";
import { numberOrNull, placeholders, textOrNull } from "../database/rows.ts";
import { keepable } from "./loose-json.ts";

/** Deleted artifacts keep their version number, which is not reused. */
type ArtifactState = "PENDING" | "COMMITTED" | "DELETED";

/** A version of a collection, or one that is still being uploaded. */
export interface WandbArtifact {
  readonly number: number;
  /** Number of the project. */
  readonly project: number;
  readonly entity: string;
  readonly projectName: string;
  readonly type: string;
  readonly collection: string;
  /** Starts at 0; `null` until it is committed. */
  readonly version: number | null;
  readonly state: ArtifactState;
  readonly digest: string;
  readonly description: string | null;
  /** JSON. */
  readonly metadata: string | null;
  /** Number of the run that created it. */
  readonly run: number | null;
  readonly createdMs: number;
  /** File name of its manifest. */
  readonly manifest: string | null;
  readonly historyStep: number | null;
  readonly aliases: readonly string[];
}

/** An artifact to add. */
export type NewWandbArtifact = Omit<WandbArtifact, "number" | "version" | "state" | "manifest"> & {
  readonly clientId: string | null;
  readonly sequenceClientId: string | null;
};

/** Replaces the MD5 of a reference, whose content is stored elsewhere. */
export const referenceMd5 = "";

/** A file of an artifact, or a reference to external content. */
export interface WandbArtifactFile {
  readonly name: string;
  /** Hexadecimal, or `referenceMd5`. */
  readonly md5: string;
  /** 0 until the artifact is committed. */
  readonly bytes: number;
}

/** The alias of the newest version. */
const latest = "latest";

/**
 * Adds an artifact, which is invisible until it is committed. Until then, its future aliases remain with other
 * artifacts.
 */
export async function addArtifact(
  transaction: Transaction,
  artifact: NewWandbArtifact,
): Promise<WandbArtifact> {
  const { project, entity, projectName, type, collection, digest, description, metadata, run } = artifact;
  const { clientId, sequenceClientId, createdMs, historyStep } = artifact;
  const [row] = await transaction.all(
    `INSERT INTO wandb_artifacts (project, entity, project_name, type, collection, version, state, digest, description,
       metadata, run, client_id, sequence_client_id, created_ms, manifest, history_step,
       wanted_aliases)
     VALUES (?, ?, ?, ?, ?, NULL, 'PENDING', ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?) RETURNING number`,
    ...[project, entity, projectName, type, collection, digest, textOf(description), textOf(metadata), run],
    ...[clientId, sequenceClientId, createdMs, historyStep, JSON.stringify(artifact.aliases)],
  );
  return artifactOr(await findArtifact(transaction, Number(row?.["number"])));
}

/** The artifact with a number, or `null`. */
export async function findArtifact(reader: Reader, number: number): Promise<WandbArtifact | null> {
  const [row] = await reader.all("SELECT * FROM wandb_artifacts WHERE number = ?", number);
  return row ? artifactFrom(reader, row) : null;
}

/** The artifact with a client-assigned id, or `null`. */
export async function findArtifactOfClient(reader: Reader, clientId: string): Promise<WandbArtifact | null> {
  const sql = "SELECT * FROM wandb_artifacts WHERE client_id = ? ORDER BY number DESC LIMIT 1";
  const [row] = await reader.all(sql, clientId);
  return row ? artifactFrom(reader, row) : null;
}

/** The newest committed artifact of a collection with this digest, or `null`. */
export async function findArtifactOfDigest(
  reader: Reader,
  place: { readonly project: number; readonly collection: string },
  digest: string,
): Promise<WandbArtifact | null> {
  const [row] = await reader.all(
    `SELECT * FROM wandb_artifacts WHERE project = ? AND collection = ? AND digest = ? AND state = 'COMMITTED'
     ORDER BY version DESC LIMIT 1`,
    ...[place.project, place.collection, digest],
  );
  return row ? artifactFrom(reader, row) : null;
}

/** The committed artifact with an alias or a version (`v3`) in a collection, or `null`. */
export async function findArtifactNamed(
  reader: Reader,
  {
    project,
    collection,
    alias,
  }: { readonly project: number; readonly collection: string; readonly alias: string },
): Promise<WandbArtifact | null> {
  const version = /^v(\d{1,9})$/.exec(alias)?.[1];
  const [row] = version
    ? await reader.all(
        "SELECT * FROM wandb_artifacts WHERE project = ? AND collection = ? AND version = ? AND state = 'COMMITTED'",
        ...[project, collection, Number(version)],
      )
    : await reader.all(
        `SELECT wandb_artifacts.* FROM wandb_artifacts JOIN wandb_aliases ON artifact = number
         WHERE wandb_aliases.project = ? AND wandb_aliases.collection = ? AND alias = ? AND state = 'COMMITTED'`,
        ...[project, collection, alias],
      );
  return row ? artifactFrom(reader, row) : null;
}

/** The newest committed version of a collection, or `null`. */
export async function findLatestArtifact(
  reader: Reader,
  project: number,
  collection: string,
): Promise<WandbArtifact | null> {
  const sql = "SELECT * FROM wandb_artifacts WHERE project = ? AND collection = ? AND state = 'COMMITTED'";
  const [row] = await reader.all(`${sql} ORDER BY version DESC LIMIT 1`, project, collection);
  return row ? artifactFrom(reader, row) : null;
}

/** Whether a project has artifacts of a type. */
export async function hasArtifactType(reader: Reader, project: number, type: string): Promise<boolean> {
  const sql = "SELECT 1 FROM wandb_artifacts WHERE project = ? AND type = ? LIMIT 1";
  return (await reader.all(sql, project, type)).length > 0;
}

/** Commits an artifact as the newest version of its collection. A committed artifact is returned unchanged. */
export async function commitArtifact(transaction: Transaction, number: number): Promise<WandbArtifact> {
  const artifact = artifactOr(await findArtifact(transaction, number));
  if (artifact.state === "COMMITTED") return artifact;
  const { project, collection } = artifact;
  const [newest] = await transaction.all(
    "SELECT max(version) AS version FROM wandb_artifacts WHERE project = ? AND collection = ?",
    ...[project, collection],
  );
  await transaction.run(
    "UPDATE wandb_artifacts SET state = 'COMMITTED', version = ? WHERE number = ?",
    ...[Number(newest?.["version"] ?? -1) + 1, number],
  );
  const sql = "SELECT wanted_aliases FROM wandb_artifacts WHERE number = ?";
  const [row] = await transaction.all(sql, number);
  const wanted = JSON.parse(String(row?.["wanted_aliases"])) as string[];
  await setAliases(transaction, artifact, [...wanted, latest]);
  return artifactOr(await findArtifact(transaction, number));
}

/** Assigns aliases to an artifact, taking them from others in its collection. */
export async function setAliases(
  transaction: Transaction,
  artifact: Pick<WandbArtifact, "number" | "project" | "collection">,
  aliases: readonly string[],
): Promise<void> {
  const { project, collection, number } = artifact;
  const rows = [...new Set(aliases.map(keepable))].map((alias) => [project, collection, alias, number]);
  const target: Target = {
    table: "wandb_aliases",
    columns: { project: "integer", collection: "text", alias: "text", artifact: "integer" },
  };
  const conflict = "ON CONFLICT (project, collection, alias) DO UPDATE SET artifact = excluded.artifact";
  await transaction.insert(target, rows, conflict);
}

/** Removes aliases from an artifact, but not those that now belong to another one. */
export async function dropAliases(
  transaction: Transaction,
  { number }: Pick<WandbArtifact, "number">,
  aliases: readonly string[],
): Promise<void> {
  for (const alias of aliases)
    await transaction.run(
      "DELETE FROM wandb_aliases WHERE artifact = ? AND alias = ?",
      number,
      keepable(alias),
    );
}

/**
 * Deletes a version. If it was the latest, the newest remaining version becomes the latest. File contents are shared
 * and remain.
 */
export async function deleteArtifact(transaction: Transaction, artifact: WandbArtifact): Promise<void> {
  const { number, project, collection, aliases } = artifact;
  await transaction.run(
    "UPDATE wandb_artifacts SET state = 'DELETED', client_id = NULL WHERE number = ?",
    number,
  );
  for (const table of ["wandb_aliases", "wandb_artifact_files", "wandb_uses"])
    await transaction.run(`DELETE FROM ${table} WHERE artifact = ?`, number);
  const newest = await findLatestArtifact(transaction, project, collection);
  if (newest && aliases.includes(latest)) await setAliases(transaction, newest, [latest]);
}

/** Updates the given fields of an artifact. */
export async function changeArtifact(
  transaction: Transaction,
  number: number,
  change: {
    readonly description?: string | undefined;
    readonly metadata?: string | undefined;
    readonly manifest?: string | undefined;
    readonly digest?: string | undefined;
  },
): Promise<void> {
  for (const column of ["description", "metadata", "manifest", "digest"] as const) {
    const value = change[column];
    if (value === undefined) continue;
    await transaction.run(
      `UPDATE wandb_artifacts SET ${column} = ? WHERE number = ?`,
      keepable(value),
      number,
    );
  }
}

const fileTarget: Target = {
  table: "wandb_artifact_files",
  columns: { artifact: "integer", name: "text", md5: "text", bytes: "integer" },
};

/** Adds files to an artifact, replacing those of the same name. */
export async function addArtifactFiles(
  transaction: Transaction,
  number: number,
  files: readonly Omit<WandbArtifactFile, "bytes">[],
): Promise<void> {
  const distinct = new Map(files.map((file) => [file.name, file]));
  await transaction.insert(
    fileTarget,
    [...distinct.values()].map(({ name, md5 }) => [number, keepable(name), md5, 0]),
    "ON CONFLICT (artifact, name) DO UPDATE SET md5 = excluded.md5",
  );
}

/** A page of an artifact's files, ordered by name. */
export async function listArtifactFiles(
  reader: Reader,
  number: number,
  page: { readonly after: string; readonly limit: number; readonly names?: readonly string[] | undefined },
): Promise<WandbArtifactFile[]> {
  const names = page.names?.slice(0, maxNames);
  if (names?.length === 0) return [];
  const among = names ? ` AND name IN (${placeholders(names)})` : "";
  const rows = await reader.all(
    `SELECT name, md5, bytes FROM wandb_artifact_files WHERE artifact = ? AND name > ?${among} ORDER BY name LIMIT ?`,
    ...[number, page.after, ...(names ?? []), page.limit],
  );
  return rows.map((row) => ({
    name: String(row["name"]),
    md5: String(row["md5"]),
    bytes: Number(row["bytes"]),
  }));
}

/** Maximum names per query. */
const maxNames = 500;

/** Number and total size of an artifact's files. */
export async function sumArtifactFiles(
  reader: Reader,
  number: number,
): Promise<{ files: number; bytes: number }> {
  const sql = "SELECT count(*) AS files, sum(bytes) AS bytes FROM wandb_artifact_files WHERE artifact = ?";
  const [row] = await reader.all(sql, number);
  return { files: Number(row?.["files"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) };
}

/** Records the sizes of an artifact's files. */
export async function setFileSizes(
  transaction: Transaction,
  number: number,
  sizes: ReadonlyMap<string, number>,
): Promise<void> {
  await transaction.insert(
    fileTarget,
    [...sizes].map(([name, bytes]) => [number, name, "", bytes]),
    "ON CONFLICT (artifact, name) DO UPDATE SET bytes = excluded.bytes",
  );
}

/** Records that a run used an artifact as an input. */
export async function addArtifactUse(transaction: Transaction, run: number, artifact: number): Promise<void> {
  await transaction.run(
    "INSERT INTO wandb_uses (run, artifact) VALUES (?, ?) ON CONFLICT DO NOTHING",
    run,
    artifact,
  );
}

/** Converts a row of `wandb_artifacts`. */
export async function artifactFrom(reader: Reader, row: SqlRow): Promise<WandbArtifact> {
  const number = Number(row["number"]);
  const aliases = await reader.all(
    "SELECT alias FROM wandb_aliases WHERE artifact = ? ORDER BY alias",
    number,
  );
  return {
    number,
    project: Number(row["project"]),
    entity: String(row["entity"]),
    projectName: String(row["project_name"]),
    type: String(row["type"]),
    collection: String(row["collection"]),
    version: numberOrNull(row, "version"),
    state: String(row["state"]) as ArtifactState,
    digest: String(row["digest"]),
    description: textOrNull(row, "description"),
    metadata: textOrNull(row, "metadata"),
    run: numberOrNull(row, "run"),
    createdMs: Number(row["created_ms"]),
    manifest: textOrNull(row, "manifest"),
    historyStep: numberOrNull(row, "history_step"),
    aliases: aliases.map(({ alias }) => String(alias)),
  };
}

function artifactOr(artifact: WandbArtifact | null): WandbArtifact {
  if (!artifact) throw new Error("Internal: an artifact is gone that was just there");
  return artifact;
}

function textOf(value: string | null): SqlValue {
  return value === null ? null : keepable(value);
}

/** Committed artifacts that a run logged, in the order they were created. */
export async function listRunArtifacts(
  reader: Reader,
  run: number,
): Promise<Pick<WandbArtifact, "number" | "project" | "collection" | "version">[]> {
  const rows = await reader.all(
    `SELECT number, project, collection, version FROM wandb_artifacts
     WHERE run = ? AND state = 'COMMITTED' ORDER BY number LIMIT ?`,
    ...[run, maxNames],
  );
  return rows.map((row) => ({
    number: Number(row["number"]),
    project: Number(row["project"]),
    collection: String(row["collection"]),
    version: numberOrNull(row, "version"),
  }));
}
