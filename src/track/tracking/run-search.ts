/** @file Finding runs: conditions that all must hold, an order, and pages. */

import { anyOf, type Comparator, compared, type SqlPart } from "../database/comparison.ts";
import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import type { Stage, TrackedRun } from "./nouns.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";

/** A property of a run itself. */
export type RunColumn =
  | "id"
  | "name"
  | "status"
  | "client"
  | "person"
  | "purpose"
  | "started_ms"
  | "ended_ms"
  | "spent_micro_usd"
  | "fingerprint";

/** What a condition or an order looks at. A dataset has a name, a digest and a context. */
export type RunField =
  | { readonly of: "run"; readonly column: RunColumn }
  | { readonly of: "metric" | "param" | "tag"; readonly key: string }
  | { readonly of: "dataset"; readonly property: "name" | "digest" | "context" };

/** A condition; `values` has one value, several for `IN`, none for `IS NULL`. */
export interface RunCondition {
  readonly field: RunField;
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

/** Which runs, in which order. */
export interface RunSearch {
  /** Numbers; empty: all. */
  readonly projects: readonly number[];
  readonly stages: readonly Stage[];
  readonly conditions: readonly RunCondition[];
  readonly order: readonly { readonly field: RunField; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Runs that fit. Ties are ordered by start, newest first, then id; missing values come last. */
export async function searchRuns(reader: Reader, search: RunSearch): Promise<TrackedRun[]> {
  const conditions: SqlPart[] = [
    ...(search.projects.length > 0 ? [anyOf("runs.project", search.projects)] : []),
    anyOf("runs.stage", search.stages),
    ...search.conditions.map((condition) => conditionPart(reader.dialect, condition)),
  ];
  const order = search.order.map((item) => orderPart(item));
  const sql = `SELECT ${runColumns} FROM runs WHERE ${conditions.map((part) => part.sql).join(" AND ")}
    ORDER BY ${[...order.map((part) => part.sql), "runs.started_ms DESC, runs.id"].join(", ")} LIMIT ? OFFSET ?`;
  const values = [...conditions, ...order].flatMap((part) => part.values);
  return (await reader.all(sql, ...values, search.limit, search.offset)).map(trackedRunFrom);
}

function conditionPart(dialect: Dialect, { field, comparison, values }: RunCondition): SqlPart {
  if (field.of === "run") return compared(dialect, `runs.${field.column}`, comparison, values);
  if (field.of === "dataset") {
    const inner = compared(dialect, datasetColumns[field.property], comparison, values);
    return { sql: `EXISTS (SELECT 1 ${datasetsOfRun} AND ${inner.sql})`, values: inner.values };
  }
  const { from, column } = factOf(field);
  if (comparison === "IS NULL") return { sql: `NOT EXISTS (SELECT 1 ${from})`, values: [field.key] };
  if (comparison === "IS NOT NULL") return { sql: `EXISTS (SELECT 1 ${from})`, values: [field.key] };
  const inner = compared(dialect, column, comparison, values);
  // NaN compares with nothing
  const finite = field.of === "metric" ? " AND f.last_special <> 'NaN'" : "";
  return { sql: `EXISTS (SELECT 1 ${from} AND ${inner.sql}${finite})`, values: [field.key, ...inner.values] };
}

const datasetColumns = { name: "datasets.name", digest: "datasets.digest", context: "inputs.context" };
const datasetsOfRun =
  "FROM inputs JOIN datasets ON datasets.number = inputs.dataset WHERE inputs.run = runs.number";

/** Where a metric, a parameter or a tag of a run lies; the mark is its key. */
function factOf({ of }: { readonly of: "metric" | "param" | "tag" }): { from: string; column: string } {
  const [table, column] = of === "metric" ? ["series", "f.last_value"] : [`${of}s`, "f.value"];
  return { from: `FROM ${table} f WHERE f.run = runs.number AND f.key = ?`, column };
}

function isEverMissing(column: RunColumn): boolean {
  return column === "ended_ms" || column === "fingerprint";
}

/** NaN after all numbers, what is missing after that, whatever the direction. @source MLflow, search_utils.py */
function orderPart({ field, ascending }: RunSearch["order"][number]): SqlPart {
  const direction = ascending ? "ASC" : "DESC";
  const missingLast = (value: string): string =>
    `CASE WHEN ${value} IS NULL THEN 1 ELSE 0 END, ${value} ${direction}`;
  if (field.of === "run") {
    const column = `runs.${field.column}`;
    // As it stands, so that an index gives the order: a page of many runs then takes no sorting.
    return { sql: isEverMissing(field.column) ? missingLast(column) : `${column} ${direction}`, values: [] };
  }
  if (field.of === "dataset") {
    return {
      sql: missingLast(`(SELECT min(${datasetColumns[field.property]}) ${datasetsOfRun})`),
      values: [],
    };
  }
  const { from, column } = factOf(field);
  const value = `(SELECT ${column} ${from})`;
  const values = [field.key, field.key];
  if (field.of !== "metric") return { sql: missingLast(value), values };
  const rank = `coalesce((SELECT CASE WHEN f.last_special = 'NaN' THEN 1 ELSE 0 END ${from}), 2)`;
  return { sql: `${rank}, ${value} ${direction}`, values };
}
