/** @file Parses comma-separated text into records by header; sizes are limited and invalid rows are reported. */

/** Max. columns; the widest known list has 14. */
const maxColumns = 64;
/** Max. characters of a cell; catalogs put a description of the cards into one. */
const maxCellLength = 4_096;
/** Max. rows; the largest catalog has about a tenth of it. */
const maxRows = 1_000_000;

/** A row and its line; `record` is `null` if the row is invalid. */
interface TableRow {
  /** 1-based line of the file. */
  readonly line: number;
  readonly record: Readonly<Record<string, string>> | null;
}

/** Columns and lazily parsed rows of a table. */
interface TableText {
  /** Names in the header; empty if the text is not a table. */
  readonly columns: readonly string[];
  readonly rows: Iterable<TableRow>;
}

/**
 * Parses a table whose first line names the columns, in any order.
 *
 * Rows with a wrong number of cells, an overlong cell or an unclosed quote have no record.
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

/** Yields rows of cells; a quoted cell may contain commas, line breaks and doubled quotes. */
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

/** An invalid row ends at the end of its first line, so that an unclosed quote does not swallow the rest. */
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
