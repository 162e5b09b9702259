/**
 * @file Tables as CSV: numbers exactly, times as ISO 8601 in UTC, and no text that a spreadsheet takes for a formula.
 *
 * @source RFC 4180; owasp.org, CSV Injection
 */
import type { Cell, ColumnKind, Table } from "./table.ts";

/** A spreadsheet computes a cell that begins so. */
const formula = /^[=+\-@\t\r]/;
/** A number is no formula, whatever sign it has. */
const plainNumber = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/;

/** The line of a table's head. */
export function csvHead({ columns }: Table): string {
  return csvLine(Object.keys(columns).map((name) => quoted(name)));
}

/** Rows as lines. */
export function csvLines({ columns }: Table, rows: readonly (readonly Cell[])[]): string {
  const kinds = Object.values(columns);
  return rows.map((row) => csvLine(row.map((cell, at) => cellText(kinds[at] ?? "text", cell)))).join("");
}

function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}

function cellText(kind: ColumnKind, cell: Cell): string {
  if (cell === null) return "";
  if (kind === "text") return quoted(safe(String(cell)));
  if (kind === "time") return isoTime(Number(cell));
  return String(cell);
}

/** An apostrophe in front makes a text of it; programs that read CSV see it, which the documentation says. */
function safe(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An instant that no calendar has stays a number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
