/**
 * @file Cells of a public list's row as numbers and names, or nothing.
 */
import { numberOf } from "../record.ts";

/** A row of a list by column. */
export type ListRow = Readonly<Record<string, string>>;

/** A cell without blanks around it; empty where there is no such column. */
export function cell(row: ListRow, column: string): string {
  return (row[column] ?? "").trim();
}

/** A number that is there; `null` for an empty cell, `NaN` for one that is no number. */
export function numberCell(row: ListRow, column: string): number | null {
  const text = cell(row, column);
  return text === "" ? null : (numberOf(text) ?? Number.NaN);
}

/** A size above zero, or nothing. */
export function sizeCell(row: ListRow, column: string): number | null {
  const value = numberCell(row, column);
  return value !== null && value > 0 && value < 1e6 ? value : null;
}

/** A count of devices from 1, or nothing. */
export function countCell(row: ListRow, column: string): number | null {
  const value = numberCell(row, column);
  return value !== null && Number.isInteger(value) && value >= 1 && value <= 1_024 ? value : null;
}
