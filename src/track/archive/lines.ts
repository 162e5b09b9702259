/**
 * @file Rows as lines of JSON, each value to its last bit.
 *
 * An integer beyond 2^53 is a text of digits, and a real number that JSON has no word for is one of four texts.
 */

import { parseJson } from "../../untrusted/index.ts";
import type { ColumnType, SqlRow, SqlValue } from "../database/database.ts";

/** Columns in their order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** The list of a SELECT whose rows `lineOf` understands: integers come as texts, since drivers round large ones. */
export function selectList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => (type === "integer" ? `CAST(${name} AS TEXT) AS ${name}` : name))
    .join(", ");
}

/** A row as a line, without its end. */
export function lineOf(columns: Columns, row: SqlRow): string {
  const values = Object.entries(columns).map(([name, type]) => {
    const value = row[name] ?? null;
    if (value === null) return null;
    if (type === "integer") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (type === "real") return realWord(Number(value));
    return String(value);
  });
  return JSON.stringify(values);
}

function realWord(value: number): number | string {
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
}

const oddReals: ReadonlyMap<unknown, number> = new Map([
  ["-0", -0],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** The values of a line; `null` where it is none of ours. */
export function valuesOf(columns: Columns, line: string): SqlValue[] | null {
  const types = Object.values(columns);
  let read: unknown;
  try {
    read = parseJson(line);
  } catch {
    return null;
  }
  if (!Array.isArray(read) || read.length !== types.length) return null;
  const values: SqlValue[] = [];
  for (const [at, type] of types.entries()) {
    const value = read[at] === null ? null : checkedValue(type, read[at]);
    if (value === undefined) return null;
    values.push(value);
  }
  return values;
}

function checkedValue(type: ColumnType, value: unknown): SqlValue | undefined {
  switch (type) {
    case "text":
      return typeof value === "string" && !/\p{Surrogate}/u.test(value) ? value : undefined;
    case "real":
      return typeof value === "number" ? value : oddReals.get(value);
    case "integer":
      if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
      return typeof value === "string" && isInteger64(value) ? value : undefined;
  }
}

function isInteger64(digits: string): boolean {
  return /^-?\d{1,19}$/.test(digits) && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
}
