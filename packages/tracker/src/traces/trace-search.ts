/** @file Searches traces: conditions that must all hold, an order, and pages. */
import type { Reader } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import {
  anyOf,
  compared,
  type FieldCondition,
  factCondition,
  missingLast,
  readPage,
  type SqlPart,
} from "../database/search.ts";
import { tracesFrom } from "./traces.ts";
import type { Trace } from "./types.ts";

/** A column of a trace. `end` is its end time. */
export type TraceColumn =
  | ("id" | "project" | "requested_ms" | "duration_ms" | "state" | "client_request_id")
  | ("request_preview" | "response_preview" | "end");

/** The field of a condition or an order; `run` is the id of a run, from metadata or a link. */
export type TraceField =
  | { readonly of: "trace"; readonly column: TraceColumn }
  | { readonly of: "tag" | "metadata"; readonly key: string }
  | { readonly of: "feedback" | "expectation"; readonly name: string }
  | { readonly of: "run" };

/** A condition on traces. */
export type TraceCondition = FieldCondition<TraceField>;

/** Search criteria and order. */
export interface TraceSearch {
  /** Project numbers; no projects, no results. */
  readonly projects: readonly number[];
  readonly conditions: readonly TraceCondition[];
  readonly order: readonly { readonly field: TraceField; readonly ascending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** The metadata key with the run that produced a trace. @source mlflow/mlflow mlflow/tracing/constant.py */
const sourceRunKey = "mlflow.sourceRun";

/** Matching traces. Ties: newest first, then by id; missing values come last. */
export async function searchTraces(reader: Reader, search: TraceSearch): Promise<Trace[]> {
  if (search.projects.length === 0) return [];
  const where = [
    anyOf("t.project", search.projects),
    ...search.conditions.map((condition) => conditionPart(reader.dialect, condition)),
  ];
  const order: SqlPart[] = [...search.order.map(orderPart), { sql: "t.requested_ms DESC, t.id", values: [] }];
  const rows = await readPage(reader, "SELECT t.* FROM traces t", where, order, search);
  return tracesFrom(reader, rows);
}

/** Number of traces in all projects. */
export async function countTraces(reader: Reader): Promise<number> {
  const [row] = await reader.all("SELECT count(*) AS count FROM traces");
  return Number(row?.["count"] ?? 0);
}

const columnOf = (column: TraceColumn): string =>
  column === "end" ? "(t.requested_ms + t.duration_ms)" : `t.${column}`;

function conditionPart(dialect: Dialect, { field, comparison, values }: TraceCondition): SqlPart {
  const asked = { comparison, values };
  switch (field.of) {
    case "trace":
      return compared(dialect, columnOf(field.column), comparison, values);
    case "tag":
      return factCondition(dialect, factOf("trace_tags"), field.key, asked);
    case "metadata":
      return factCondition(dialect, factOf("trace_metadata"), field.key, asked);
    case "run":
      return runPart(dialect, asked);
    default: {
      const from = `FROM assessments f WHERE f.trace = t.number AND f.is_valid = 1 AND f.kind = '${field.of}' AND f.name = ?`;
      const column = typeof values[0] === "number" ? "f.value_number" : "f.value";
      return factCondition(dialect, { from, column }, field.name, asked);
    }
  }
}

function factOf(table: "trace_tags" | "trace_metadata"): { from: string; column: string } {
  return { from: `FROM ${table} f WHERE f.trace = t.number AND f.key = ?`, column: "f.value" };
}

function runPart(dialect: Dialect, asked: Pick<TraceCondition, "comparison" | "values">): SqlPart {
  const made = factCondition(dialect, factOf("trace_metadata"), sourceRunKey, asked);
  const id = compared(dialect, "r.id", asked.comparison, asked.values);
  const linked = `EXISTS (SELECT 1 FROM run_traces l JOIN runs r ON r.number = l.run
    WHERE l.trace = t.id AND ${id.sql})`;
  return { sql: `(${made.sql} OR ${linked})`, values: [...made.values, ...id.values] };
}

function orderPart(item: TraceSearch["order"][number]): SqlPart {
  const { field } = item;
  if (field.of === "trace") return { sql: missingLast(columnOf(field.column), item), values: [] };
  const [key, table] =
    field.of === "tag"
      ? [field.key, "trace_tags"]
      : [field.of === "metadata" ? field.key : sourceRunKey, "trace_metadata"];
  const value = `(SELECT f.value FROM ${table} f WHERE f.trace = t.number AND f.key = ?)`;
  return { sql: missingLast(value, item), values: [key, key] };
}
