/**
 * @file Converts MLflow's filter and order of traces to conditions on the store.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchTraceUtils
 */
import type { TraceColumn, TraceCondition, TraceField, TraceSearch } from "../../../index.ts";
import {
  type Clause,
  invalidFilter,
  numberClause,
  readClauses,
  readOrderItem,
  textClause,
} from "../filter/clauses.ts";
import { stateOf } from "./trace-fields.ts";

const maxOrder = 20;

const columns: ReadonlyMap<string, TraceColumn> = new Map([
  ["request_id", "id"],
  ["trace_id", "id"],
  ["timestamp", "requested_ms"],
  ["timestamp_ms", "requested_ms"],
  ["request_time", "requested_ms"],
  ["execution_time", "duration_ms"],
  ["execution_time_ms", "duration_ms"],
  ["execution_duration", "duration_ms"],
  ["end_time", "end"],
  ["end_time_ms", "end"],
  ["status", "state"],
  ["state", "state"],
  ["client_request_id", "client_request_id"],
  ["experiment_id", "project"],
  ["request", "request_preview"],
  ["response", "response_preview"],
]);

const isNumber = (column: TraceColumn): boolean => ["requested_ms", "duration_ms", "end"].includes(column);

/** Parses a filter. @throws {HttpError} for an invalid filter or comparison */
export function readTraceFilter(text: string): TraceCondition[] {
  return readClauses(text).map(conditionOf);
}

/** Parses an order. @throws {HttpError} for an invalid one */
export function readTraceOrder(items: readonly string[]): TraceSearch["order"] {
  if (items.length > maxOrder) throw invalidFilter(`an order has ${maxOrder} items at most`);
  return items.map((item) => {
    const { entity, key, ascending } = readOrderItem(item);
    return { field: fieldOf(entity, key), ascending };
  });
}

function conditionOf(clause: Clause): TraceCondition {
  const field = fieldOf(clause.entity, clause.key);
  const mayBeMissing = field.of !== "trace" && field.of !== "run";
  if (clause.comparison.startsWith("IS") && mayBeMissing) return { ...anyClause(clause), field };
  if (field.of === "feedback" || field.of === "expectation") {
    const isCompared = ["<", "<=", ">", ">="].includes(clause.comparison);
    return { ...(isCompared ? numberClause(clause, false) : anyClause(clause)), field };
  }
  if (field.of !== "trace") return { ...textClause(clause), field };
  if (isNumber(field.column)) return { ...numberClause(clause, true), field };
  if (field.column === "state") {
    if (clause.comparison.endsWith("LIKE"))
      throw invalidFilter(`${clause.comparison} does not compare states`);
    return { ...textClause(clause), values: clause.values.map((value) => stateOf(String(value))), field };
  }
  return { ...textClause(clause), field };
}

/** Values of assessments are texts, numbers or booleans. */
function anyClause({ comparison, values }: Clause): Pick<TraceCondition, "comparison" | "values"> {
  return { comparison, values };
}

function fieldOf(entity: string | null, key: string): TraceField {
  switch (entity?.toLowerCase() ?? "attribute") {
    case "tag":
    case "tags":
      return { of: "tag", key };
    case "metadata":
    case "request_metadata":
      return { of: "metadata", key };
    case "feedback":
      return { of: "feedback", name: key };
    case "expectation":
      return { of: "expectation", name: key };
    case "attribute":
    case "attributes":
    case "trace":
      return attribute(key);
    default:
      throw invalidFilter(
        `'${(entity ?? "").slice(0, 60)}' is no part of a trace that is searched here: tag, metadata, trace, ` +
          "feedback and expectation are; spans are files, and are not looked into",
      );
  }
}

function attribute(key: string): TraceField {
  if (key === "name") return { of: "tag", key: "mlflow.traceName" };
  if (key === "prompt") return { of: "tag", key: "mlflow.linkedPrompts" };
  if (key === "run_id") return { of: "run" };
  const column = columns.get(key);
  if (column) return { of: "trace", column };
  throw invalidFilter(`'${key.slice(0, 60)}' is no property of a trace`);
}
