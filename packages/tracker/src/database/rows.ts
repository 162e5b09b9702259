/** @file Helpers for reading rows: nullable columns, statements over many values, and batches of bounded size. */
import type { Reader, SqlRow, SqlValue } from "./database.ts";

/** The text in a column, or `null`. */
export function textOrNull(row: SqlRow, column: string): string | null {
  const value = row[column] ?? null;
  return value === null ? null : String(value);
}

/** The number in a column, or `null`. */
export function numberOrNull(row: SqlRow, column: string): number | null {
  const value = row[column] ?? null;
  return value === null ? null : Number(value);
}

/** Placeholders for a list of values, such as `?, ?, ?`. */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

/** Values per statement, far below the limits of both databases. */
const valuesAtOnce = 500;

/** Splits values into slices of at most `valuesAtOnce`. */
export function slicesOf<Value>(values: readonly Value[]): Value[][] {
  return Array.from({ length: Math.ceil(values.length / valuesAtOnce) }, (_, at) =>
    values.slice(at * valuesAtOnce, (at + 1) * valuesAtOnce),
  );
}

/**
 * Rows of a query over many values, executed in slices.
 *
 * @param sql the query, given the placeholders of one slice
 * @param before values before those of the slice
 * @param after values after those of the slice
 */
export async function readAmong(
  reader: Reader,
  values: readonly SqlValue[],
  sql: (placeholders: string) => string,
  before: readonly SqlValue[] = [],
  after: readonly SqlValue[] = [],
): Promise<SqlRow[]> {
  const rows: SqlRow[][] = [];
  for (const some of slicesOf(values)) {
    rows.push(await reader.all(sql(placeholders(some)), ...before, ...some, ...after));
  }
  return rows.flat();
}

/**
 * Groups rows by their owners' numbers; an owner without rows has an empty list.
 *
 * @param owner column with the owner's number
 */
export function listsOf<Item>(
  numbers: readonly number[],
  owner: string,
  rows: readonly SqlRow[],
  itemFrom: (row: SqlRow) => Item,
): ReadonlyMap<number, readonly Item[]> {
  const lists = new Map<number, Item[]>(numbers.map((number) => [number, []]));
  for (const row of rows) lists.get(Number(row[owner]))?.push(itemFrom(row));
  return lists;
}

/** Size of the first batch, while the size of rows is unknown. */
export const rowsFirst = 20;
/** Maximum rows and characters of a batch. */
const maxRows = 5_000;
const maxChars = 1024 ** 2;

/** Size of the next batch. It grows at most tenfold, because the next rows may be larger. */
export function rowsToAsk(rows: readonly SqlRow[]): number {
  if (rows.length === 0) return rowsFirst;
  const letters = rows.reduce((sum, row) => sum + lettersOf(row), 0) / rows.length;
  return Math.max(1, Math.min(maxRows, rows.length * 10, Math.floor(maxChars / Math.max(1, letters))));
}

function lettersOf(row: SqlRow): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );
}
