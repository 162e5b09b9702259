/** @file Searches runs: conditions that must all hold, an order, and pages. */

import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import {
  anyOf,
  compared,
  directionOf,
  type FactSource,
  type FieldCondition,
  factCondition,
  missingLast,
  readPage,
  type SqlPart,
} from "../database/search.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";
import type { Stage, TrackedRun } from "./types.ts";

/** A column of a run. */
export type RunColumn =
  | "id"
  | "name"
  | "status"
  | "client"
  | "kind"
  | "person"
  | "purpose"
  | "started_ms"
  | "ended_ms"
  | "spent_micro_usd"
  | "fingerprint";

/** The field of a condition or an order. A dataset has a name, a digest and a context. */
export type RunField =
  | { readonly of: "run"; readonly column: RunColumn }
  | { readonly of: "metric" | "param" | "tag"; readonly key: string }
  | { readonly of: "dataset"; readonly property: "name" | "digest" | "context" };

/** A condition on runs. */
export type RunCondition = FieldCondition<RunField>;

/** Search criteria and order. */
export interface RunSearch {
  /** Project numbers; empty: all projects. */
  readonly projects: readonly number[];
  readonly stages: readonly Stage[];
  readonly conditions: readonly RunCondition[];
  readonly order: readonly { readonly field: RunField; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Matching runs. Ties are ordered by start, newest first, then id; missing values come last. */
export async function searchRuns(reader: Reader, search: RunSearch): Promise<TrackedRun[]> {
  const conditions: SqlPart[] = [
    ...(search.projects.length > 0 ? [anyOf("runs.project", search.projects)] : []),
    anyOf("runs.stage", search.stages),
    ...search.conditions.map((condition) => conditionPart(reader.dialect, condition)),
  ];
  const order = [...search.order.map(orderPart), { sql: "runs.started_ms DESC, runs.id", values: [] }];
  const rows = await readPage(reader, `SELECT ${runColumns} FROM runs`, conditions, order, search);
  return rows.map(trackedRunFrom);
}

function conditionPart(dialect: Dialect, { field, comparison, values }: RunCondition): SqlPart {
  if (field.of === "run") return compared(dialect, `runs.${field.column}`, comparison, values);
  if (field.of === "dataset") {
    const inner = compared(dialect, datasetColumns[field.property], comparison, values);
    return { sql: `EXISTS (SELECT 1 ${datasetsOfRun} AND ${inner.sql})`, values: inner.values };
  }
  return factCondition(dialect, factOf(field), field.key, { comparison, values });
}

const datasetColumns = { name: "datasets.name", digest: "datasets.digest", context: "inputs.context" };
const datasetsOfRun =
  "FROM inputs JOIN datasets ON datasets.number = inputs.dataset WHERE inputs.run = runs.number";

/** The table of a run's metrics, parameters or tags. NaN satisfies no comparison. */
function factOf({ of }: { readonly of: "metric" | "param" | "tag" }): FactSource {
  const table = of === "metric" ? "series" : `${of}s`;
  const from = `FROM ${table} f WHERE f.run = runs.number AND f.key = ?`;
  if (of !== "metric") return { from, column: "f.value" };
  return { from, column: "f.last_value", besides: " AND f.last_special <> 'NaN'" };
}

function isEverMissing(column: RunColumn): boolean {
  return column === "ended_ms" || column === "fingerprint";
}

/** Puts NaN after all numbers and missing values last, in either direction. @source MLflow, search_utils.py */
function orderPart(item: RunSearch["order"][number]): SqlPart {
  const { field } = item;
  if (field.of === "run") {
    const column = `runs.${field.column}`;
    // The plain column, so that an index provides the order and a page of many runs needs no sorting.
    const sql = isEverMissing(field.column) ? missingLast(column, item) : `${column} ${directionOf(item)}`;
    return { sql, values: [] };
  }
  if (field.of === "dataset") {
    const name = `(SELECT min(${datasetColumns[field.property]}) ${datasetsOfRun})`;
    return { sql: missingLast(name, item), values: [] };
  }
  const { from, column } = factOf(field);
  const value = `(SELECT ${column} ${from})`;
  const values = [field.key, field.key];
  if (field.of !== "metric") return { sql: missingLast(value, item), values };
  const rank = `coalesce((SELECT CASE WHEN f.last_special = 'NaN' THEN 1 ELSE 0 END ${from}), 2)`;
  return { sql: `${rank}, ${value} ${directionOf(item)}`, values };
}
