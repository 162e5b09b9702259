/**
 * @file Finding names and versions of the registry: conditions that all must hold, an order, and pages.
 *
 * Prompts lie in the registry too, marked by a tag. A search is about models or about prompts, never about both.
 */
import { type Comparator, compared, type SqlPart } from "../database/comparison.ts";
import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { modelVersionsFrom, versionColumns } from "./model-versions.ts";
import type { ModelVersion, RegisteredModel } from "./nouns.ts";
import { registeredModelsFrom } from "./registered-models.ts";

/** The tag that marks a prompt, with the value `true`. @source mlflow/mlflow mlflow/prompt/constants.py */
export const promptTag = "mlflow.prompt.is_prompt";

/** A condition on a column or on a tag; `values` has one value, or several for a list. */
export interface RegistryCondition<Column extends string> {
  readonly field: { readonly column: Column } | { readonly tag: string };
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

/** What to find, in which order. */
export interface RegistrySearch<Column extends string, OrderColumn extends string> {
  readonly prompts: boolean;
  readonly conditions: readonly RegistryCondition<Column>[];
  readonly order: readonly { readonly column: OrderColumn; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Names that fit; ties are ordered by name. */
export async function searchRegisteredModels(
  reader: Reader,
  search: RegistrySearch<"name", "name" | "created_ms" | "changed_ms">,
): Promise<RegisteredModel[]> {
  const parts = search.conditions.map(({ field, comparison, values }) =>
    "column" in field
      ? compared(reader.dialect, `m.${field.column}`, comparison, values)
      : tagged(
          reader.dialect,
          "registered_model_tags f WHERE f.model = m.number",
          field.tag,
          comparison,
          values,
        ),
  );
  parts.push({ sql: `${search.prompts ? "" : "NOT "}${isPrompt}`, values: [promptTag] });
  const order = search.order.map(({ column, ascending }) => `m.${column} ${ascending ? "ASC" : "DESC"}`);
  const rows = await reader.all(
    `SELECT m.* FROM registered_models m WHERE ${parts.map(({ sql }) => sql).join(" AND ")}
     ORDER BY ${[...order, "m.name"].join(", ")} LIMIT ? OFFSET ?`,
    ...parts.flatMap(({ values }) => values),
    ...[search.limit, search.offset],
  );
  return registeredModelsFrom(reader, rows);
}

const isPrompt =
  "EXISTS (SELECT 1 FROM registered_model_tags p WHERE p.model = m.number AND p.key = ? AND p.value = 'true')";

/** A property of a version. */
export type VersionColumn = "name" | "version" | "run" | "source";
/** What versions can be ordered by. */
export type VersionOrder = "name" | "version" | "created_ms" | "changed_ms";

/** Versions that fit; ties are ordered by name, then the newest version first. */
export async function searchModelVersions(
  reader: Reader,
  search: RegistrySearch<VersionColumn, VersionOrder>,
): Promise<ModelVersion[]> {
  const place = (column: VersionColumn | VersionOrder): string =>
    column === "name" ? "m.name" : `v.${column}`;
  const parts = search.conditions.map(({ field, comparison, values }) =>
    "column" in field
      ? compared(reader.dialect, place(field.column), comparison, values)
      : tagged(
          reader.dialect,
          "model_version_tags f WHERE f.version = v.number",
          field.tag,
          comparison,
          values,
        ),
  );
  parts.push({ sql: `${search.prompts ? "" : "NOT "}${isPrompt}`, values: [promptTag] });
  const order = search.order.map(({ column, ascending }) => `${place(column)} ${ascending ? "ASC" : "DESC"}`);
  const rows = await reader.all(
    `SELECT ${versionColumns} FROM model_versions v JOIN registered_models m ON m.number = v.model
     WHERE ${parts.map(({ sql }) => sql).join(" AND ")}
     ORDER BY ${[...order, "m.name", "v.version DESC"].join(", ")} LIMIT ? OFFSET ?`,
    ...parts.flatMap(({ values }) => values),
    ...[search.limit, search.offset],
  );
  return modelVersionsFrom(reader, rows);
}

/** Has a tag that fits; without the tag nothing fits, `!=` included. */
function tagged(
  dialect: Dialect,
  from: string,
  key: string,
  comparison: Comparator,
  wanted: readonly (string | number)[],
): SqlPart {
  const { sql, values } = compared(dialect, "f.value", comparison, wanted);
  return { sql: `EXISTS (SELECT 1 FROM ${from} AND f.key = ? AND ${sql})`, values: [key, ...values] };
}
