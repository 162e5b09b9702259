/** @file How many rows to read at a time, so that a batch is neither slow nor large. */
import type { SqlRow } from "./database.ts";

/** Rows asked for first, while their size is not known. */
export const rowsFirst = 20;
/** Rows and letters of a batch. */
const rowsMost = 5_000;
const lettersMost = 1024 ** 2;

/** Rows to ask for next, after some came. At most ten times as many: the next ones may be larger. */
export function rowsToAsk(rows: readonly SqlRow[]): number {
  if (rows.length === 0) return rowsFirst;
  const letters = rows.reduce((sum, row) => sum + lettersOf(row), 0) / rows.length;
  return Math.max(1, Math.min(rowsMost, rows.length * 10, Math.floor(lettersMost / Math.max(1, letters))));
}

function lettersOf(row: SqlRow): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );
}
