/** @file Conditions of a search as SQL with marks. No text of a client's ever becomes a part of the statement. */
import type { SqlValue } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { placeholders } from "./rows.ts";

/** How a value is compared. */
export type Comparator =
  | ("=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "ILIKE" | "IN" | "NOT IN")
  | ("IS NULL" | "IS NOT NULL");

/** A piece of a statement and the values of its marks. */
export interface SqlPart {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** `column` is among `values`. */
export function anyOf(column: string, values: readonly SqlValue[], not: "" | "NOT " = ""): SqlPart {
  return { sql: `${column} ${not}IN (${placeholders(values)})`, values };
}

/** `column` compared with the first of `values`, or with all of them where a list is asked for. */
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
