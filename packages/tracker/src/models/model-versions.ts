/** @file Versions of registered models as rows. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { listsOf, readAmong, textOrNull } from "../database/rows.ts";
import { dropFact, type FactTable, putFacts, readFacts } from "../tracking/facts.ts";
import type { KeyValue } from "../tracking/types.ts";
import type { ModelVersion, RegisteredModel, VersionStage } from "./types.ts";

const modelVersionTags: FactTable = { table: "model_version_tags", owner: "version" };

/** Columns of a version `v` of the registered model `m`. */
export const versionColumns: string =
  "v.number, m.name, v.version, v.stage, v.description, v.source, v.address, v.run, v.run_link, v.logged_model, " +
  "v.person, v.created_ms, v.changed_ms";

const versions = `SELECT ${versionColumns} FROM model_versions v JOIN registered_models m ON m.number = v.model`;

/** Converts rows with `versionColumns` to versions with tags and aliases, in the same order. */
export async function modelVersionsFrom(reader: Reader, rows: readonly SqlRow[]): Promise<ModelVersion[]> {
  const numbers = rows.map((row) => Number(row["number"]));
  const tags = await readFacts(reader, modelVersionTags, numbers);
  const named = await readAmong(
    reader,
    numbers,
    (among) => `SELECT version, alias FROM model_aliases WHERE version IN (${among}) ORDER BY version, alias`,
  );
  const aliases = listsOf(numbers, "version", named, ({ alias }) => String(alias));
  return rows.map((row) => {
    const number = Number(row["number"]);
    return {
      number,
      name: String(row["name"]),
      version: Number(row["version"]),
      stage: String(row["stage"]) as VersionStage,
      description: textOrNull(row, "description"),
      source: String(row["source"]),
      address: String(row["address"]),
      run: textOrNull(row, "run"),
      runLink: textOrNull(row, "run_link"),
      loggedModel: textOrNull(row, "logged_model"),
      person: String(row["person"]),
      createdMs: Number(row["created_ms"]),
      changedMs: Number(row["changed_ms"]),
      tags: tags.get(number) ?? [],
      aliases: aliases.get(number) ?? [],
    };
  });
}

/** Selects a version of a registered model. */
export type VersionChoice =
  | { readonly version: number }
  | { readonly alias: string }
  /** The newest version, optionally of one stage. */
  | { readonly newest: VersionStage | "any" };

/** The version, or `null`. */
export async function findModelVersion(
  reader: Reader,
  name: string,
  choice: VersionChoice,
): Promise<ModelVersion | null> {
  const rows =
    "version" in choice
      ? await reader.all(`${versions} WHERE m.name = ? AND v.version = ?`, name, choice.version)
      : "alias" in choice
        ? await reader.all(
            `${versions} JOIN model_aliases a ON a.version = v.number WHERE m.name = ? AND a.alias = ?`,
            ...[name, choice.alias],
          )
        : await reader.all(
            `${versions} WHERE m.name = ? AND (v.stage = ? OR ? = 'any') ORDER BY v.version DESC LIMIT 1`,
            ...[name, choice.newest, choice.newest],
          );
  return (await modelVersionsFrom(reader, rows))[0] ?? null;
}

/** A version to add. Its number is one more than the highest ever assigned. */
export type NewModelVersion = Pick<
  ModelVersion,
  "description" | "source" | "address" | "run" | "runLink" | "loggedModel" | "person" | "createdMs" | "tags"
>;

/** Adds a version. */
export async function addModelVersion(
  transaction: Transaction,
  model: RegisteredModel,
  version: NewModelVersion,
): Promise<ModelVersion> {
  const { description, source, address, run, runLink, loggedModel, person, createdMs } = version;
  const [last] = await transaction.all(
    `UPDATE registered_models SET last_version = last_version + 1, changed_ms = ? WHERE number = ?
     RETURNING last_version`,
    ...[createdMs, model.number],
  );
  const number = Number(last?.["last_version"]);
  const [row] = await transaction.all(
    `INSERT INTO model_versions (model, version, stage, description, source, address, run, run_link, logged_model,
       person, created_ms, changed_ms) VALUES (?, ?, 'None', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
    ...[
      model.number,
      number,
      description,
      source,
      address,
      run,
      runLink,
      loggedModel,
      person,
      createdMs,
      createdMs,
    ],
  );
  await putFacts(transaction, modelVersionTags, Number(row?.["number"]), version.tags);
  const added = await findModelVersion(transaction, model.name, { version: number });
  if (!added) throw new Error("Internal: a version that was just added is gone");
  return added;
}

/** Changes description or stage. Returns the changed version. */
export async function changeModelVersion(
  transaction: Transaction,
  version: ModelVersion,
  change: { readonly description?: string | null; readonly stage?: VersionStage },
  nowMs: number,
): Promise<ModelVersion> {
  const changed = { ...version, ...change, changedMs: nowMs };
  await transaction.run(
    "UPDATE model_versions SET description = ?, stage = ?, changed_ms = ? WHERE number = ?",
    ...[changed.description, changed.stage, nowMs, version.number],
  );
  if (change.stage !== undefined) await touchModel(transaction, version.number, nowMs);
  return changed;
}

/** Archives all other versions in the same stage as `version`. */
export async function archiveOthers(
  transaction: Transaction,
  version: ModelVersion,
  nowMs: number,
): Promise<void> {
  await transaction.run(
    `UPDATE model_versions SET stage = 'Archived', changed_ms = ? WHERE stage = ? AND number <> ?
     AND model = (SELECT model FROM model_versions WHERE number = ?)`,
    ...[nowMs, version.stage, version.number, version.number],
  );
}

/** Deletes a version with its tags and aliases. */
export async function dropModelVersion(
  transaction: Transaction,
  { number }: ModelVersion,
  nowMs: number,
): Promise<void> {
  await touchModel(transaction, number, nowMs);
  await transaction.run("DELETE FROM model_aliases WHERE version = ?", number);
  await transaction.run("DELETE FROM model_version_tags WHERE version = ?", number);
  await transaction.run("DELETE FROM model_versions WHERE number = ?", number);
}

async function touchModel(transaction: Transaction, version: number, nowMs: number): Promise<void> {
  const sql = `UPDATE registered_models SET changed_ms = ?
    WHERE number = (SELECT model FROM model_versions WHERE number = ?)`;
  await transaction.run(sql, nowMs, version);
}

/** Sets tags of a version. */
export async function putModelVersionTags(
  transaction: Transaction,
  { number }: ModelVersion,
  tags: readonly KeyValue[],
): Promise<void> {
  await putFacts(transaction, modelVersionTags, number, tags);
}

/** Deletes a tag of a version. Returns whether it existed. */
export async function dropModelVersionTag(
  transaction: Transaction,
  { number }: ModelVersion,
  key: string,
): Promise<boolean> {
  return dropFact(transaction, modelVersionTags, number, key);
}
