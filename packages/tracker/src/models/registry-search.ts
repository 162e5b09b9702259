/**
 * @file Searches registered models and versions: conditions that must all hold, an order, and pages.
 *
 * Prompts are stored in the registry too, marked by a tag. A search returns either models or prompts, never both.
 */

import type { Reader, SqlRow } from "../database/database.ts";
import { compared, directionOf, type FieldCondition, factCondition, readPage } from "../database/search.ts";
import { modelVersionsFrom, versionColumns } from "./model-versions.ts";
import { registeredModelsFrom } from "./registered-models.ts";
import type { ModelVersion, RegisteredModel } from "./types.ts";

/** The tag that marks a prompt; its value is `true`. @source mlflow/mlflow mlflow/prompt/constants.py */
export const promptTag = "mlflow.prompt.is_prompt";

/** A condition on a column or on a tag. */
export type RegistryCondition<Column extends string> = FieldCondition<
  { readonly column: Column } | { readonly tag: string }
>;

/** Search criteria and order. */
export interface RegistrySearch<Column extends string, OrderColumn extends string> {
  readonly prompts: boolean;
  readonly conditions: readonly RegistryCondition<Column>[];
  readonly order: readonly { readonly column: OrderColumn; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Matching registered models; ties are ordered by name. */
export async function searchRegisteredModels(
  reader: Reader,
  search: RegistrySearch<"name", "name" | "created_ms" | "changed_ms">,
): Promise<RegisteredModel[]> {
  const rows = await searchRows(reader, search, {
    select: "SELECT m.* FROM registered_models m",
    tags: "FROM registered_model_tags f WHERE f.model = m.number AND f.key = ?",
    place: (column) => `m.${column}`,
    last: "m.name",
  });
  return registeredModelsFrom(reader, rows);
}

/** A column of a version. */
export type VersionColumn = "name" | "version" | "run" | "source";
/** Columns by which versions can be ordered. */
export type VersionOrder = "name" | "version" | "created_ms" | "changed_ms";

/** Matching versions; ties are ordered by name, then newest version first. */
export async function searchModelVersions(
  reader: Reader,
  search: RegistrySearch<VersionColumn, VersionOrder>,
): Promise<ModelVersion[]> {
  const rows = await searchRows(reader, search, {
    select: `SELECT ${versionColumns} FROM model_versions v JOIN registered_models m ON m.number = v.model`,
    tags: "FROM model_version_tags f WHERE f.version = v.number AND f.key = ?",
    place: (column) => (column === "name" ? "m.name" : `v.${column}`),
    last: "m.name, v.version DESC",
  });
  return modelVersionsFrom(reader, rows);
}

const isPrompt =
  "EXISTS (SELECT 1 FROM registered_model_tags p WHERE p.model = m.number AND p.key = ? AND p.value = 'true')";

/** Matching rows. A missing tag satisfies no comparison, not even `!=`. */
function searchRows<Column extends string, OrderColumn extends string>(
  reader: Reader,
  { prompts, conditions, order, ...page }: RegistrySearch<Column, OrderColumn>,
  from: {
    readonly select: string;
    readonly tags: string;
    readonly place: (column: Column | OrderColumn) => string;
    readonly last: string;
  },
): Promise<SqlRow[]> {
  const where = conditions.map(({ field, ...condition }) =>
    "column" in field
      ? compared(reader.dialect, from.place(field.column), condition.comparison, condition.values)
      : factCondition(reader.dialect, { from: from.tags, column: "f.value" }, field.tag, condition),
  );
  where.push({ sql: `${prompts ? "" : "NOT "}${isPrompt}`, values: [promptTag] });
  const by = order.map((item) => ({ sql: `${from.place(item.column)} ${directionOf(item)}`, values: [] }));
  return readPage(reader, from.select, where, [...by, { sql: from.last, values: [] }], page);
}
