/** @file Registered models as rows. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { listsOf, readAmong, textOrNull } from "../database/rows.ts";
import { dropFact, type FactTable, putFacts, readFacts } from "../tracking/facts.ts";
import type { KeyValue } from "../tracking/types.ts";
import { modelVersionsFrom, versionColumns } from "./model-versions.ts";
import type { ModelVersion, RegisteredModel } from "./types.ts";

const registeredModelTags: FactTable = { table: "registered_model_tags", owner: "model" };

/** Converts rows of `registered_models` to models with versions, tags and aliases, in the same order. */
export async function registeredModelsFrom(
  reader: Reader,
  rows: readonly SqlRow[],
): Promise<RegisteredModel[]> {
  const numbers = rows.map((row) => Number(row["number"]));
  const tags = await readFacts(reader, registeredModelTags, numbers);
  const aliases = await readAliases(reader, numbers);
  const latest = await readLatest(reader, numbers);
  return rows.map((row) => {
    const number = Number(row["number"]);
    return {
      number,
      name: String(row["name"]),
      description: textOrNull(row, "description"),
      createdMs: Number(row["created_ms"]),
      changedMs: Number(row["changed_ms"]),
      tags: tags.get(number) ?? [],
      aliases: aliases.get(number) ?? [],
      latest: latest.get(String(row["name"])) ?? [],
    };
  });
}

async function readAliases(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, RegisteredModel["aliases"]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (
      among,
    ) => `SELECT a.model, a.alias, v.version FROM model_aliases a JOIN model_versions v ON v.number = a.version
      WHERE a.model IN (${among}) ORDER BY a.model, a.alias`,
  );
  return listsOf(numbers, "model", rows, (row) => ({
    alias: String(row["alias"]),
    version: Number(row["version"]),
  }));
}

/** The newest version of each stage, by the models' names. */
async function readLatest(
  reader: Reader,
  numbers: readonly number[],
): Promise<ReadonlyMap<string, ModelVersion[]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (
      among,
    ) => `SELECT ${versionColumns} FROM (SELECT model, stage, max(version) AS version FROM model_versions
        WHERE model IN (${among}) GROUP BY model, stage) newest
      JOIN model_versions v ON v.model = newest.model AND v.version = newest.version
      JOIN registered_models m ON m.number = v.model ORDER BY v.model, v.version`,
  );
  const latest = new Map<string, ModelVersion[]>();
  for (const version of await modelVersionsFrom(reader, rows)) {
    latest.set(version.name, [...(latest.get(version.name) ?? []), version]);
  }
  return latest;
}

/** The registered model with a name, or `null`. */
export async function findRegisteredModel(reader: Reader, name: string): Promise<RegisteredModel | null> {
  const rows = await reader.all("SELECT * FROM registered_models WHERE name = ?", name);
  return (await registeredModelsFrom(reader, rows))[0] ?? null;
}

/** Adds a registered model; `null` if the name is taken. */
export async function addRegisteredModel(
  transaction: Transaction,
  model: {
    readonly name: string;
    readonly description: string | null;
    readonly tags: readonly KeyValue[];
    readonly nowMs: number;
  },
): Promise<RegisteredModel | null> {
  const { name, description, nowMs } = model;
  const [row] = await transaction.all(
    `INSERT INTO registered_models (name, description, created_ms, changed_ms, last_version) VALUES (?, ?, ?, ?, 0)
     ON CONFLICT (name) DO NOTHING RETURNING number`,
    ...[name, description, nowMs, nowMs],
  );
  if (!row) return null;
  await putFacts(transaction, registeredModelTags, Number(row["number"]), model.tags);
  return findRegisteredModel(transaction, name);
}

/** Changes name or description. The caller ensures that the new name is free. */
export async function changeRegisteredModel(
  transaction: Transaction,
  model: RegisteredModel,
  change: { readonly name?: string; readonly description?: string },
  nowMs: number,
): Promise<RegisteredModel> {
  const { name, description } = { ...model, ...change };
  await transaction.run(
    "UPDATE registered_models SET name = ?, description = ?, changed_ms = ? WHERE number = ?",
    ...[name, description, nowMs, model.number],
  );
  if (change.name !== undefined) {
    await transaction.run("UPDATE model_versions SET changed_ms = ? WHERE model = ?", nowMs, model.number);
  }
  return (await findRegisteredModel(transaction, name)) ?? model;
}

/** Deletes a registered model with all its versions. The runs and logged models behind them remain. */
export async function dropRegisteredModel(
  transaction: Transaction,
  { number }: RegisteredModel,
): Promise<void> {
  const versions = "version IN (SELECT number FROM model_versions WHERE model = ?)";
  await transaction.run("DELETE FROM model_aliases WHERE model = ?", number);
  await transaction.run(`DELETE FROM model_version_tags WHERE ${versions}`, number);
  await transaction.run("DELETE FROM model_versions WHERE model = ?", number);
  await transaction.run("DELETE FROM registered_model_tags WHERE model = ?", number);
  await transaction.run("DELETE FROM registered_models WHERE number = ?", number);
}

/** Sets tags of a registered model. */
export async function putRegisteredModelTags(
  transaction: Transaction,
  { number }: RegisteredModel,
  tags: readonly KeyValue[],
): Promise<void> {
  await putFacts(transaction, registeredModelTags, number, tags);
}

/** Deletes a tag of a registered model. Returns whether it existed. */
export async function dropRegisteredModelTag(
  transaction: Transaction,
  { number }: RegisteredModel,
  key: string,
): Promise<boolean> {
  return dropFact(transaction, registeredModelTags, number, key);
}

/** Points an alias to a version, moving it if it exists. */
export async function putModelAlias(
  transaction: Transaction,
  { number }: RegisteredModel,
  alias: string,
  version: ModelVersion,
): Promise<void> {
  await transaction.run(
    `INSERT INTO model_aliases (model, alias, version) VALUES (?, ?, ?)
     ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version`,
    ...[number, alias, version.number],
  );
}

/** Deletes an alias. Returns whether it existed. */
export async function dropModelAlias(
  transaction: Transaction,
  { number }: RegisteredModel,
  alias: string,
): Promise<boolean> {
  const sql = "DELETE FROM model_aliases WHERE model = ? AND alias = ?";
  return (await transaction.run(sql, number, alias)) > 0;
}
