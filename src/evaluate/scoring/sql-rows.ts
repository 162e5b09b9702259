/**
 * @file Whether two SQL statements give the same rows.
 */
import { insideFence } from "../json-match.ts";
import { readSql } from "./sql-tokens.ts";

/** A value of a result. */
export type ResultValue = string | number | bigint | boolean | null | Uint8Array;

/** What a statement gave: rows as lists in the order of the columns, or why none. */
export type QueryResult = { readonly rows: readonly (readonly ResultValue[])[] } | { readonly error: string };

/** Runs one statement on a database that it cannot change, within limits of time and rows that the caller sets. */
export type ExecuteSql = (statement: string) => Promise<QueryResult>;

/** Numbers that differ by less than this share are one number: sums of floats depend on their order. */
const rounding = 1e-9;

/** Whether an answer gives the rows of the reference; `null` where the reference itself fails and nobody can tell. */
export async function executesAlike(
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
 * Whether two results are the same: columns by place, rows as a bag, or in order where the reference asks for one.
 *
 * @source Zhong et al. 2020 (2010.02840), section 3: denotations compared as bags, in order where ORDER BY stands
 */
export function sameRows(
  given: readonly (readonly ResultValue[])[],
  expected: readonly (readonly ResultValue[])[],
  inOrder: boolean,
): boolean {
  if (given.length !== expected.length) return false;
  const arrange = (rows: readonly (readonly ResultValue[])[]) => {
    const keyed = rows.map((row) => ({ row, key: row.map(keyOf).join("\u0000") }));
    return inOrder ? keyed : keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  };
  const [left, right] = [arrange(given), arrange(expected)];
  return left.every(({ row }, at) => {
    const other = right[at]?.row ?? [];
    return (
      row.length === other.length && row.every((value, column) => sameValue(value, other[column] ?? null))
    );
  });
}

/** A single SELECT: what else a model may write is not run at all. */
export function isOneQuery(text: string): boolean {
  const tokens = readSql(text);
  const first = tokens?.[0]?.text;
  return (
    tokens !== null &&
    (first === "select" || first === "with") &&
    !tokens.some(({ kind, text: mark }) => kind === "mark" && mark === ";")
  );
}

/** Whether rows come in an order that was asked for: ORDER BY outside all brackets. */
function isOrdered(text: string): boolean {
  let depth = 0;
  return (readSql(text) ?? []).some(({ kind, text: word }) => {
    if (kind === "mark" && word === "(") depth++;
    if (kind === "mark" && word === ")") depth--;
    return depth === 0 && kind === "word" && word === "order";
  });
}

function keyOf(value: ResultValue): string {
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString("hex")}`;
  const number = numberOf(value);
  // rounded, so that numbers that are one sort to one place
  return number === null ? `${typeof value} ${String(value)}` : `n${Number(number.toPrecision(9))}`;
}

function sameValue(a: ResultValue, b: ResultValue): boolean {
  // whole numbers beyond 2^53 are not rounded
  if (typeof a === "bigint" && typeof b === "bigint") return a === b;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== null && right !== null) {
    return Math.abs(left - right) <= rounding * Math.max(1, Math.abs(left), Math.abs(right));
  }
  return keyOf(a) === keyOf(b);
}

function numberOf(value: ResultValue): number | null {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? Number(value)
    : null;
}
