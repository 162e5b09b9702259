/** @file Converts the page's filter to an expression for the store, and checks its comparisons. */
import type { Comparator, FilterField, RunAttribute, RunComparison, RunExpression } from "@tunewise/tracker";
import { HttpError } from "@tunewise/tracker/http";
import type { Clause } from "@tunewise/tracker/server";
import {
  entityOf,
  type FilterExpression,
  type MlflowStatus,
  readExpression,
  statusNames,
  storedStatuses,
} from "@tunewise/tracker/server";
import { requireAttribute } from "./table-columns.ts";

/**
 * Parses a filter of runs; `null` for an empty one.
 *
 * @throws {HttpError} 400 for one that cannot be parsed or has an invalid comparison
 */
export function readRunExpression(text: string): RunExpression | null {
  const expression = readExpression(text, invalidFilter);
  return expression === null ? null : expressionFrom(expression);
}

function invalidFilter(why: string): HttpError {
  return new HttpError(400, "invalid_filter", `The filter cannot be read: ${why}.`, { param: "filter" });
}

function expressionFrom(expression: FilterExpression): RunExpression {
  if ("clause" in expression) return comparisonFrom(expression.clause);
  if ("not" in expression) return { not: expressionFrom(expression.not) };
  if ("all" in expression) return { all: expression.all.map(expressionFrom) };
  return { any: expression.any.map(expressionFrom) };
}

const equal: readonly Comparator[] = ["=", "!=", "IN", "NOT IN"];
const larger: readonly Comparator[] = ["<", "<=", ">", ">="];
const similar: readonly Comparator[] = ["LIKE", "ILIKE"];

function comparisonFrom(clause: Clause): RunComparison {
  const { comparison, values } = clause;
  const field = fieldOf(clause);
  if (comparison.startsWith("IS")) return { field, comparison, values };
  const kind = kindOf(field, values);
  const allowed = [...equal, ...(kind === "text" ? similar : larger)];
  if (!allowed.includes(comparison)) {
    const hint = kind === "text" && larger.includes(comparison) ? "; numbers stand without quotes" : "";
    throw invalidFilter(`${comparison} does not compare ${kind}s, such as ${shown(clause.key)}${hint}`);
  }
  const read = { text: textOf, number: numberOf, time: timeOf }[kind];
  const converted = values.map((value) => read(value, clause));
  if (field.of === "attribute" && field.name === "status") return statusComparison(comparison, converted);
  return { field, comparison, values: converted };
}

function fieldOf({ entity, key }: Clause): FilterField {
  const of = entityOf(entity);
  if (of === "attribute") return { of, name: requireAttribute(key) };
  if (of === "dataset") {
    if (key === "name" || key === "digest" || key === "context") return { of, property: key };
    throw invalidFilter(`a dataset has a name, a digest and a context, and no ${shown(key)}`);
  }
  if (of !== undefined) return { of, key };
  throw invalidFilter(
    `${shown(entity ?? "")} is none of metrics, params, tags, attributes and dataset, which stand before a dot`,
  );
}

const numbers: ReadonlySet<RunAttribute> = new Set<RunAttribute>(["duration", "spent", "waste"]);
const times: ReadonlySet<RunAttribute> = new Set<RunAttribute>(["start_time", "end_time", "last_seen"]);

/** How a field is compared: a parameter or a tag as a number if the first value is one. */
function kindOf(field: FilterField, values: Clause["values"]): "text" | "number" | "time" {
  if (field.of === "metric") return "number";
  if (field.of === "attribute" && numbers.has(field.name)) return "number";
  if (field.of === "attribute" && times.has(field.name)) return "time";
  const isFact = field.of === "param" || field.of === "tag";
  return isFact && typeof values[0] === "number" ? "number" : "text";
}

function textOf(value: string | number, { key }: Clause): string {
  if (typeof value === "string") return value;
  throw invalidFilter(`a text in quotes is expected for ${shown(key)}, not ${value}`);
}

/** Accepts quoted numbers too. */
function numberOf(value: string | number, { key }: Clause): number {
  const number = value === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw invalidFilter(`a number is expected for ${shown(key)}, not '${shown(String(value))}'`);
}

/** Accepts milliseconds since 1970, and a day or an instant in ISO 8601. */
function timeOf(value: string | number, { key }: Clause): number {
  const isDay =
    typeof value === "string" && /^\d{4}-\d{2}-\d{2}([T ][\d:.]{1,20}(Z|[+-]\d{2}:?\d{2})?)?$/.test(value);
  const ms = isDay ? Date.parse(value) : Number(value === "" ? Number.NaN : value);
  if (Number.isSafeInteger(ms)) return ms;
  throw invalidFilter(
    `a time is expected for ${shown(key)}, such as '2026-11-28' or whole milliseconds since 1970, not '${shown(String(value))}'`,
  );
}

/** Expands each of MLflow's names to all states that it covers. */
function statusComparison(comparison: Comparator, values: readonly (string | number)[]): RunComparison {
  const field = { of: "attribute", name: "status" } as const;
  if (similar.includes(comparison)) return { field, comparison, values };
  const states = values.flatMap((value) =>
    statusNames.some((name) => name === value) ? storedStatuses(value as MlflowStatus) : [String(value)],
  );
  return { field, comparison: comparison === "=" || comparison === "IN" ? "IN" : "NOT IN", values: states };
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
