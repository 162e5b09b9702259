/**
 * @file Filter expressions as SQL conditions on runs: comparisons joined by AND, OR and NOT. Values are always bound.
 */
import type { SqlValue } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { type Comparator, compared, type SqlPart } from "../database/search.ts";
import { attributeSources, factTables, numericText, type RunAttribute } from "./column.ts";

/** The field of a comparison. */
export type FilterField =
  | { readonly of: "metric" | "param" | "tag"; readonly key: string }
  | { readonly of: "attribute"; readonly name: RunAttribute }
  | { readonly of: "dataset"; readonly property: "name" | "digest" | "context" };

/** A comparison; `values` has one value, several for a list, none for `IS NULL`. All have the same type. */
export interface RunComparison {
  readonly field: FilterField;
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

/**
 * An expression. Missing values satisfy no comparison except `IS NULL`, so that a negated comparison is true for them.
 */
export type RunExpression =
  | RunComparison
  | { readonly all: readonly RunExpression[] }
  | { readonly any: readonly RunExpression[] }
  | { readonly not: RunExpression };

/** The expression as a condition on `runs`, which is never NULL. */
export function expressionPart(dialect: Dialect, expression: RunExpression): SqlPart {
  if ("not" in expression) {
    const { sql, values } = expressionPart(dialect, expression.not);
    return { sql: `NOT (${sql})`, values };
  }
  if ("field" in expression) return comparisonPart(dialect, expression);
  const [list, word] = "all" in expression ? [expression.all, "AND"] : [expression.any, "OR"];
  const parts = list.map((one) => expressionPart(dialect, one));
  return {
    sql: `(${parts.map(({ sql }) => sql).join(` ${word} `)})`,
    values: parts.flatMap(({ values }) => values),
  };
}

function comparisonPart(dialect: Dialect, comparison: RunComparison): SqlPart {
  const { field } = comparison;
  if (field.of === "attribute") return attributePart(dialect, field.name, comparison);
  if (field.of === "metric") return metricPart(dialect, field.key, comparison);
  if (field.of === "dataset") return datasetPart(dialect, field.property, comparison);
  return factPart(dialect, field.of, field.key, comparison);
}

function attributePart(dialect: Dialect, name: RunAttribute, { comparison, values }: RunComparison): SqlPart {
  const { sql, isNullable } = attributeSources[name];
  const column = `(${sql})`;
  const part = compared(dialect, column, comparison, values);
  if (!isNullable || comparison.startsWith("IS")) return part;
  return { sql: `(${column} IS NOT NULL AND ${part.sql})`, values: part.values };
}

/**
 * Selects by key first: an index covers all values of a key, so no other table is read. NaN satisfies no comparison.
 */
function metricPart(dialect: Dialect, key: string, { comparison, values }: RunComparison): SqlPart {
  const runs = "SELECT f.run FROM series f WHERE f.key = ?";
  if (comparison === "IS NULL") return { sql: `runs.number NOT IN (${runs})`, values: [key] };
  if (comparison === "IS NOT NULL") return { sql: `runs.number IN (${runs})`, values: [key] };
  const inner = compared(dialect, "f.last_value", comparison, values);
  const sql = `runs.number IN (${runs} AND f.last_special <> 'NaN' AND ${inner.sql})`;
  return { sql, values: [key, ...inner.values] };
}

/** Selects by run first, which is the order of the tables. Numbers are compared with texts that are numbers. */
function factPart(
  dialect: Dialect,
  of: keyof typeof factTables,
  key: string,
  { comparison, values }: RunComparison,
): SqlPart {
  const from = `SELECT 1 FROM ${factTables[of]} f WHERE f.run = runs.number AND f.key = ?`;
  if (comparison === "IS NULL") return { sql: `NOT EXISTS (${from})`, values: [key] };
  if (comparison === "IS NOT NULL") return { sql: `EXISTS (${from})`, values: [key] };
  const column = typeof values[0] === "number" ? numericText(dialect, "f.value") : "f.value";
  const inner = compared(dialect, column.startsWith("CASE") ? `(${column})` : column, comparison, values);
  return { sql: `EXISTS (${from} AND ${inner.sql})`, values: [key, ...inner.values] };
}

const datasetColumns = { name: "d.name", digest: "d.digest", context: "i.context" };

function datasetPart(
  dialect: Dialect,
  property: keyof typeof datasetColumns,
  { comparison, values }: RunComparison,
): SqlPart {
  const from = "SELECT 1 FROM inputs i JOIN datasets d ON d.number = i.dataset WHERE i.run = runs.number";
  if (comparison === "IS NULL") return { sql: `NOT EXISTS (${from})`, values: [] };
  if (comparison === "IS NOT NULL") return { sql: `EXISTS (${from})`, values: [] };
  const inner = compared(dialect, datasetColumns[property], comparison, values);
  return { sql: `EXISTS (${from} AND ${inner.sql})`, values: inner.values as readonly SqlValue[] };
}
