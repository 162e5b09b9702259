/**
 * @file Rows gathered until they are many, or large.
 */
import type { SqlRow } from "./database.ts";

/** Rows and letters of a batch, after which it is full. */
const rowsMost = 5_000;
const lettersMost = 1024 ** 2;

/** A batch that is being filled. */
export interface OpenBatch {
  readonly rows: SqlRow[];
  /** Takes a row; tells whether the batch is full. */
  add(row: SqlRow): boolean;
}

/** An empty batch. */
export function openBatch(): OpenBatch {
  const rows: SqlRow[] = [];
  let letters = 0;
  return {
    rows,
    add: (row) => {
      rows.push(row);
      letters += lettersOf(row);
      return rows.length >= rowsMost || letters >= lettersMost;
    },
  };
}

/** About how large a row is. */
export function lettersOf(row: SqlRow): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );
}

/** How many rows to ask for, after some came that were so large. */
export function rowsToAsk(rows: readonly SqlRow[]): number {
  if (rows.length === 0) return 1;
  const letters = rows.reduce((sum, row) => sum + lettersOf(row), 0) / rows.length;
  // At most ten times as many as the last time: the next rows may be larger.
  return Math.max(1, Math.min(rowsMost, rows.length * 10, Math.floor(lettersMost / Math.max(1, letters))));
}
