/** @file Whether two SQL statements return the same rows. */
import { insideFence } from "../json-match.ts";
import { readSql } from "./sql-tokens.ts";

/** A value of a result set. */
export type ResultValue = string | number | bigint | boolean | null | Uint8Array;

type Row = readonly ResultValue[];

/** Result of a statement: rows as lists in column order, or an error. */
export type QueryResult = { readonly rows: readonly Row[] } | { readonly error: string };

/** Runs one statement on a read-only database, within limits of time and rows set by the caller. */
export type ExecuteSql = (statement: string) => Promise<QueryResult>;

/** Relative tolerance for numbers, because sums of floats depend on their order. */
const rounding = 1e-9;

/** Whether an answer returns the rows of the reference; `null` if the reference itself fails. */
export async function hasSameResult(
  answer: string,
  reference: string,
  execute: ExecuteSql,
): Promise<boolean | null> {
  const expected = await execute(reference);
  if ("error" in expected) return null;
  const statement = insideFence(answer) ?? answer;
  if (!isOneQuery(statement)) return false;
  const given = await execute(statement);
  return !("error" in given) && sameRows(given.rows, expected.rows, isOrdered(reference));
}

/**
 * Whether two results are equal: columns by position, rows as a bag, or in order if the reference specifies one.
 *
 * @source Zhong et al. 2020 (2010.02840), section 3: denotations compared as bags, in order where ORDER BY stands
 */
export function sameRows(given: readonly Row[], expected: readonly Row[], inOrder: boolean): boolean {
  if (given.length !== expected.length) return false;
  const arranged = (rows: readonly Row[]) => (inOrder ? rows : rows.toSorted(compareRows));
  const right = arranged(expected);
  return arranged(given).every((row, at) => {
    const other = right[at] as Row;
    return row.length === other.length && compareRows(row, other) === 0;
  });
}

/** Whether the text is a single SELECT; any other statement of a model is never run. */
export function isOneQuery(text: string): boolean {
  const tokens = readSql(text) ?? [];
  const first = tokens[0]?.text;
  return (
    (first === "select" || first === "with") &&
    !tokens.some(({ kind, text: mark }) => kind === "mark" && mark === ";")
  );
}

/** Whether rows have a specified order: ORDER BY outside all brackets. */
function isOrdered(text: string): boolean {
  let depth = 0;
  return (readSql(text) ?? []).some(({ kind, text: word }, at, all) => {
    if (kind === "mark" && word === "(") depth++;
    if (kind === "mark" && word === ")") depth--;
    return depth === 0 && kind === "word" && word === "order" && all[at + 1]?.text === "by";
  });
}

/** Compares columns from left to right. */
function compareRows(left: Row, right: Row): number {
  let order = 0;
  left.some((value, column) => {
    order = compareValues(value, right[column] as ResultValue);
    return order !== 0;
  });
  return order;
}

/** Returns 0 if the values are equal. */
function compareValues(a: ResultValue, b: ResultValue): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : Number(left > right);
}

/** Integers are compared exactly, because they may be identifiers, and their sums do not depend on order. */
function compareNumbers(a: number | bigint | boolean, b: number | bigint | boolean): number {
  if (!(isInteger(a) && isInteger(b))) {
    const [left, right] = [Number(a), Number(b)];
    if (Math.abs(left - right) <= rounding * Math.max(1, Math.abs(left), Math.abs(right))) return 0;
  }
  return a < b ? -1 : Number(a > b);
}

function isInteger(value: number | bigint | boolean): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(Number(value));
}

function isNumber(value: ResultValue): value is number | bigint | boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

function keyOf(value: ResultValue): string {
  return value instanceof Uint8Array
    ? `bytes ${Buffer.from(value).toString("hex")}`
    : `${typeof value} ${value}`;
}
