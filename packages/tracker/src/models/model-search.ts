/** @file Searches logged models: conditions that must all hold, an order, and pages. */

import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import {
  anyOf,
  compared,
  type FieldCondition,
  missingLast,
  readPage,
  type SqlPart,
} from "../database/search.ts";
import { loggedModelsFrom } from "./logged-models.ts";
import type { LoggedModel } from "./types.ts";

/** A column of a logged model. */
export type ModelColumn = "id" | "name" | "kind" | "status" | "source_run" | "created_ms" | "changed_ms";

/** A dataset that metrics were measured on; without a digest, any dataset of that name. */
export interface MetricData {
  readonly name: string;
  readonly digest: string | null;
}

/**
 * The field of a condition or an order. For a metric this is its latest point, restricted to `data` if that is given.
 */
export type ModelField =
  | { readonly of: "model"; readonly column: ModelColumn }
  | { readonly of: "metric"; readonly key: string; readonly data: readonly MetricData[] }
  | { readonly of: "param" | "tag"; readonly key: string };

/** A condition on logged models. */
export type ModelCondition = FieldCondition<ModelField>;

/** Search criteria and order. */
export interface ModelSearch {
  /** Project numbers; no projects, no results. */
  readonly projects: readonly number[];
  readonly conditions: readonly ModelCondition[];
  /** If not empty, only models with a metric measured on one of these datasets. */
  readonly measuredOn: readonly MetricData[];
  readonly order: readonly { readonly field: ModelField; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Matching models that are not deleted. Ties: newest first, then by id; missing values come last. */
export async function searchLoggedModels(reader: Reader, search: ModelSearch): Promise<LoggedModel[]> {
  if (search.projects.length === 0) return [];
  const { measuredOn } = search;
  const where: SqlPart[] = [
    { sql: "m.stage = 'active'", values: [] },
    anyOf("m.project", search.projects),
    ...search.conditions.map((condition) => conditionPart(reader.dialect, condition)),
  ];
  if (measuredOn.length > 0) {
    const { sql, values } = onData(measuredOn);
    where.push({
      sql: `EXISTS (SELECT 1 FROM logged_model_metrics f WHERE f.model = m.number${sql})`,
      values,
    });
  }
  const order = search.order.map((item) => {
    const { sql, values } = fieldValue(item.field);
    return { sql: missingLast(sql, item), values: [...values, ...values] };
  });
  const last = { sql: "m.created_ms DESC, m.id", values: [] };
  const rows = await readPage(reader, "SELECT m.* FROM logged_models m", where, [...order, last], search);
  return loggedModelsFrom(reader, rows);
}

function conditionPart(dialect: Dialect, { field, comparison, values }: ModelCondition): SqlPart {
  const left = fieldValue(field);
  const right = compared(dialect, left.sql, comparison, values);
  return { sql: right.sql, values: [...left.values, ...right.values] };
}

/** SQL for the value of a field; NULL if the model lacks it, so that no condition matches. */
function fieldValue(field: ModelField): SqlPart {
  if (field.of === "model") return { sql: `m.${field.column}`, values: [] };
  if (field.of !== "metric") {
    const sql = `(SELECT f.value FROM logged_model_${field.of}s f WHERE f.model = m.number AND f.key = ?)`;
    return { sql, values: [field.key] };
  }
  const data = onData(field.data);
  return {
    sql: `(SELECT CASE WHEN f.special = 'NaN' THEN NULL ELSE f.value END FROM logged_model_metrics f
      WHERE f.model = m.number AND f.key = ?${data.sql} ORDER BY f.step DESC, f.ms DESC, f.value DESC LIMIT 1)`,
    values: [field.key, ...data.values],
  };
}

function onData(data: readonly MetricData[]): SqlPart {
  if (data.length === 0) return { sql: "", values: [] };
  const each = data.map(
    ({ digest }) => `f.dataset_name = ?${digest === null ? "" : " AND f.dataset_digest = ?"}`,
  );
  return {
    sql: ` AND (${each.join(" OR ")})`,
    values: data.flatMap(({ name, digest }) => (digest === null ? [name] : [name, digest])),
  };
}
