/** @file Conditions, order and pages of searches as SQL. Client text never becomes part of a statement. */
import type { Reader, SqlRow, SqlValue } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { placeholders } from "./rows.ts";

/** Comparison operators. */
export type Comparator =
  | ("=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "ILIKE" | "IN" | "NOT IN")
  | ("IS NULL" | "IS NOT NULL");

/** A fragment of a statement and the values of its placeholders. */
export interface SqlPart {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** `column` is among `values`. */
export function anyOf(column: string, values: readonly SqlValue[], not: "" | "NOT " = ""): SqlPart {
  return { sql: `${column} ${not}IN (${placeholders(values)})`, values };
}

/** Compares `column` with the first of `values`, or with all of them for `IN` and `NOT IN`. */
export function compared(
  dialect: Dialect,
  column: string,
  comparison: Comparator,
  values: readonly SqlValue[],
): SqlPart {
  if (comparison === "IN") return anyOf(column, values);
  if (comparison === "NOT IN") return anyOf(column, values, "NOT ");
  if (comparison === "IS NULL" || comparison === "IS NOT NULL") {
    return { sql: `${column} ${comparison}`, values: [] };
  }
  if (comparison === "LIKE" || comparison === "ILIKE") {
    const { sql, value } = dialect.like(column, String(values[0]), comparison === "LIKE");
    return { sql, values: [value] };
  }
  return { sql: `${column} ${comparison} ?`, values: values.slice(0, 1) };
}

/** A condition of a search; `values` has one value, several for a list, none for `IS NULL`. */
export interface FieldCondition<Field> {
  readonly field: Field;
  readonly comparison: Comparator;
  readonly values: readonly (string | number)[];
}

/** Where key-value facts of an owner are stored. */
export interface FactSource {
  /** `FROM ... WHERE ...`; its last placeholder is the key. */
  readonly from: string;
  readonly column: string;
  /** A further condition, used when the value is compared. */
  readonly besides?: string;
}

/** Matches owners whose fact with this key satisfies the comparison. Without such a fact only `IS NULL` matches. */
export function factCondition(
  dialect: Dialect,
  { from, column, besides = "" }: FactSource,
  key: string,
  { comparison, values }: Omit<FieldCondition<unknown>, "field">,
): SqlPart {
  if (comparison === "IS NULL") return { sql: `NOT EXISTS (SELECT 1 ${from})`, values: [key] };
  if (comparison === "IS NOT NULL") return { sql: `EXISTS (SELECT 1 ${from})`, values: [key] };
  const inner = compared(dialect, column, comparison, values);
  return { sql: `EXISTS (SELECT 1 ${from} AND ${inner.sql}${besides})`, values: [key, ...inner.values] };
}

/** `ASC` or `DESC`. */
export function directionOf({ ascending }: { readonly ascending: boolean }): "ASC" | "DESC" {
  return ascending ? "ASC" : "DESC";
}

/** An ORDER BY term that puts NULL last in either direction. It contains `value` twice. */
export function missingLast(value: string, order: { readonly ascending: boolean }): string {
  return `CASE WHEN ${value} IS NULL THEN 1 ELSE 0 END, ${value} ${directionOf(order)}`;
}

/** Rows of a search: all conditions must hold; with an order and a page. */
export function readPage(
  reader: Reader,
  select: string,
  where: readonly SqlPart[],
  order: readonly SqlPart[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<SqlRow[]> {
  const conditions = where.map(({ sql }) => sql).join(" AND ");
  const sql = `${select} WHERE ${conditions} ORDER BY ${order.map((part) => part.sql).join(", ")} LIMIT ? OFFSET ?`;
  return reader.all(sql, ...[...where, ...order].flatMap(({ values }) => values), limit, offset);
}
