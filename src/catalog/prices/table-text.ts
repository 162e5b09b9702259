/**
 * @file Comma-separated text to records by the names in its header; its size is bounded and odd rows are told.
 */

/** Most columns of a price list; the widest known has 14. */
const maxColumns = 64;
/** Longest cell; catalogs write a description of the cards into one. */
const maxCellLength = 4_096;
/** Most rows; the largest catalog has about a tenth of it. */
const maxRows = 1_000_000;

/** One row with its line; without a record it is broken. */
export interface TableRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly record: Readonly<Record<string, string>> | null;
}

/** A table's columns and its rows, read as they are asked for. */
export interface TableText {
  /** Names of the header in their order; empty where the text is no table. */
  readonly columns: readonly string[];
  readonly rows: Iterable<TableRow>;
}

/**
 * Reads a table whose first line names the columns, in whatever order.
 *
 * Rows with another number of cells than the header, with endless cells or with an open quote have no record.
 *
 * @source RFC 4180, section 2
 */
export function readTableText(text: string): TableText {
  const lines = cellsOf(text.startsWith("\uFEFF") ? text.slice(1) : text);
  const first = lines.next();
  const columns =
    first.done === true || first.value.cells === null ? [] : first.value.cells.map((cell) => cell.trim());
  const isTable =
    columns.length > 0 && columns.length <= maxColumns && new Set(columns).size === columns.length;
  return isTable ? { columns, rows: recordsOf(columns, lines) } : { columns: [], rows: [] };
}

function* recordsOf(columns: readonly string[], lines: Iterable<CellRow>): Generator<TableRow> {
  let count = 0;
  for (const { line, cells } of lines) {
    if (++count > maxRows) return;
    if (cells?.length === 1 && cells[0] === "") continue;
    const fits = cells !== null && cells.length === columns.length;
    yield {
      line,
      record: fits ? Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ""])) : null,
    };
  }
}

interface CellRow {
  readonly line: number;
  readonly cells: readonly string[] | null;
}

/** Rows of cells, one after the other; a quoted cell may hold commas, line breaks and doubled quotes. */
function* cellsOf(text: string): Generator<CellRow> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row = readRow(text, at);
    yield { line, cells: row.cells };
    at = row.end;
    line += row.breaks;
  }
}

function readRow(text: string, start: number): { cells: string[] | null; end: number; breaks: number } {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    const quoted = text[at] === '"';
    const close = quoted ? closingQuote(text, at + 1) : plainEnd(text, at);
    if (close === -1) return broken(text, start);
    const cell = quoted ? text.slice(at + 1, close).replaceAll('""', '"') : text.slice(at, close);
    const next = quoted ? close + 1 : close;
    if (cell.length > maxCellLength || cells.length > maxColumns) return broken(text, start);
    cells.push(cell);
    if (text[next] === ",") at = next + 1;
    else if (next >= text.length || text[next] === "\n" || text.startsWith("\r\n", next)) {
      const end = Math.min(text.length, text.startsWith("\r\n", next) ? next + 2 : next + 1);
      return { cells, end, breaks: Math.max(1, text.slice(start, end).split("\n").length - 1) };
    } else return broken(text, start);
  }
}

/** The row is given up to the end of its first line, so that one open quote does not swallow the rest. */
function broken(text: string, start: number): { cells: null; end: number; breaks: number } {
  const end = text.indexOf("\n", start);
  return { cells: null, end: end === -1 ? text.length : end + 1, breaks: 1 };
}

function closingQuote(text: string, from: number): number {
  const last = Math.min(text.length, from + 2 * maxCellLength);
  for (let at = from; at < last; at++) {
    if (text[at] !== '"') continue;
    if (text[at + 1] !== '"') return at;
    at++;
  }
  return -1;
}

function plainEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && !text.startsWith("\r\n", at)) {
    if (text[at] === '"' || at - from > maxCellLength) return -1;
    at++;
  }
  return at;
}
