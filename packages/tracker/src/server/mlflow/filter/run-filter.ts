/**
 * @file Converts MLflow's filter and order of runs to conditions on the store.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchUtils: entities, their aliases, and allowed comparisons
 */
import type { Comparator, RunColumn, RunCondition, RunField, RunSearch } from "../../../index.ts";
import { entityOf } from "../../filter/names.ts";
import { invalidParameter } from "../refuse.ts";
import { type MlflowStatus, statusNames, storedStatuses } from "../run-status.ts";
import { type Clause, readClauses, readOrderItem } from "./clauses.ts";

const maxOrder = 20;

/**
 * Parses a filter of runs.
 *
 * @throws {HttpError} for an invalid filter or comparison
 */
export function readRunFilter(text: string): RunCondition[] {
  return readClauses(text).map(conditionOf);
}

/**
 * Parses an order of runs.
 *
 * @throws {HttpError} for an invalid one
 */
export function readRunOrder(items: readonly string[]): RunSearch["order"] {
  if (items.length > maxOrder) throw invalidParameter(`An order may have ${maxOrder} items at most.`);
  return items.map((item) => {
    const { entity, key, ascending } = readOrderItem(item);
    return { field: fieldOf(entity, key), ascending };
  });
}

const attributes: Readonly<Record<string, RunColumn>> = {
  run_id: "id",
  run_name: "name",
  "run name": "name",
  "Run name": "name",
  "Run Name": "name",
  status: "status",
  user_id: "person",
  start_time: "started_ms",
  created: "started_ms",
  Created: "started_ms",
  end_time: "ended_ms",
};

const signs: readonly Comparator[] = ["=", "!=", "<", "<=", ">", ">="];
const texts: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const nullable: readonly Comparator[] = [...texts, "IS NULL", "IS NOT NULL"];
const listed: readonly Comparator[] = [...texts, "IN", "NOT IN"];

function conditionOf(clause: Clause): RunCondition {
  const field = fieldOf(clause.entity, clause.key);
  const isNumber = field.of === "metric" || (field.of === "run" && field.column.endsWith("_ms"));
  requireComparison(
    clause,
    isNumber ? signs : field.of === "param" || field.of === "tag" ? nullable : listed,
  );
  const expected = isNumber ? "number" : "string";
  if (clause.values.some((value) => typeof value !== expected)) {
    const wanted = isNumber ? "Expected numeric value type" : "Expected a quoted string value";
    throw invalidParameter(`${wanted} for ${clause.entity ?? "attribute"} '${shortened(clause.key)}'.`);
  }
  if (field.of === "run" && isNumber && !clause.values.every(Number.isSafeInteger)) {
    throw invalidParameter("A time is a whole number of milliseconds.");
  }
  if (field.of === "run" && field.column === "status") return statusCondition(field, clause);
  return { field, comparison: clause.comparison, values: clause.values };
}

function requireComparison({ comparison }: Clause, allowed: readonly Comparator[]): void {
  if (allowed.includes(comparison)) return;
  throw invalidParameter(`Invalid comparator '${comparison}' not one of '${allowed.join(", ")}'.`);
}

function fieldOf(entity: string | null, key: string): RunField {
  const of = entityOf(entity);
  if (of === undefined) {
    throw invalidParameter(
      `Invalid entity type '${shortened(entity ?? "")}'. Valid values are metric, parameter, tag, attribute, dataset.`,
    );
  }
  if (of === "dataset") {
    if (key === "name" || key === "digest" || key === "context") return { of, property: key };
    throw invalidParameter(
      `Invalid dataset key '${shortened(key)}' specified. Valid keys are name, digest, context.`,
    );
  }
  if (of !== "attribute") return { of, key };
  const column = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (column) return { of: "run", column };
  const valid = "run_id, run_name, status, user_id, start_time, end_time";
  throw invalidParameter(`Invalid attribute key '${shortened(key)}' specified. Valid keys are ${valid}.`);
}

/** Selects the store's states whose MLflow name matches, since the store has more states than MLflow. */
function statusCondition(field: RunField, { comparison, values }: Clause): RunCondition {
  const fitting = statusNames.filter((name) => fits(name, comparison, values.map(String)));
  return { field, comparison: "IN", values: ["", ...fitting.flatMap(storedStatuses)] };
}

function fits(name: MlflowStatus, comparison: Comparator, values: readonly string[]): boolean {
  const [first = ""] = values;
  switch (comparison) {
    case "=":
      return name === first;
    case "!=":
      return name !== first;
    case "IN":
      return values.includes(name);
    case "NOT IN":
      return !values.includes(name);
    case "LIKE":
      return like(name, first);
    default:
      return like(name, first.toUpperCase());
  }
}

/**
 * Matches SQL's LIKE: `%` any text, `_` any character. A table of reachable positions bounds the time by the lengths of
 * text and pattern.
 */
function like(text: string, pattern: string): boolean {
  let reachable = [true, ...Array.from(text, () => false)];
  for (const mark of pattern) {
    let any = false;
    reachable = reachable.map((_, at) => {
      any ||= reachable[at] === true;
      if (mark === "%") return any;
      return at > 0 && reachable[at - 1] === true && (mark === "_" || text[at - 1] === mark);
    });
  }
  return reachable.at(-1) === true;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
