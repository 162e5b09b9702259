/**
 * @file Rows of a CSV or TSV file as RFC 4180 has it: quoted fields may hold separators, quotes and line
 * breaks.
 */
import { problem } from "../problem/index.ts";
import { MAX_COLUMNS } from "./limits.ts";
import type { Fields, RawRow } from "./record.ts";
import { type RecordEnds, readRecords } from "./records.ts";
import type { RowInFile } from "./row-location.ts";
import type { TextEncoding } from "./text-encoding.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** How a table is written. */
export interface TableForm {
  /** One character, see `likelySeparator`. */
  readonly separator: string;
  readonly encoding?: TextEncoding;
  /** Columns that will be asked for; numbered ones (`column1`) say that the table has no header. */
  readonly wanted?: readonly string[];
}

/**
 * Rows of a table, numbered from 1 behind its header line.
 *
 * Columns without a name are called `column1`, `column2` ... by their place. A table has no header where the columns
 * that are wanted have such names and the first line does not.
 *
 * Complaints: `DATA_CSV_INVALID` (unclosed quote, text behind a closing quote, other number of fields than
 * the header), `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for a bad header; as `readRecords`
 * @source RFC 4180, section 2
 */
export async function* readTable(path: string, shown: string, form: TableForm): AsyncGenerator<RawRow[]> {
  const { separator, encoding = "utf-8", wanted = [] } = form;
  let header: readonly string[] | null = null;
  let headerNumber = 0;
  for await (const records of readRecords(path, shown, tableRowEnds(separator), { encoding })) {
    const rows: RawRow[] = [];
    for (const record of records) {
      if (header === null) {
        if (!("text" in record)) throw badHeader(shown, record.complaint.reason);
        const first = readHeader(record.text, separator, shown);
        header = hasHeader(first, wanted) ? named(first) : first.map((_, at) => numbered(at));
        headerNumber = hasHeader(first, wanted) ? record.number : 0;
        if (new Set(header).size !== header.length) throw badHeader(shown, "names a column twice");
        if (headerNumber > 0) continue;
      }
      const at = { row: record.number - headerNumber, line: record.line };
      rows.push(
        "text" in record ? tableRow(record.text, at, separator, header) : { at, complaint: record.complaint },
      );
    }
    if (rows.length > 0) yield rows;
  }
}

/** The name of a column that has none, by its place from 0. */
function numbered(at: number): string {
  return `column${at + 1}`;
}

/** Whether the first line names the columns, as far as the columns that are wanted tell. */
function hasHeader(first: readonly string[], wanted: readonly string[]): boolean {
  return !wanted.some((name) => /^column[1-9]\d{0,3}$/.test(name) && !named(first).includes(name));
}

/** Names of columns, the missing ones made up; several may be missing, as above an index. */
function named(cells: readonly string[]): string[] {
  return cells.map((cell, at) => (cell === "" ? numbered(at) : cell));
}

function readHeader(text: string, separator: string, shown: string): readonly string[] {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") throw badHeader(shown, cells);
  if (cells.length > MAX_COLUMNS) throw badHeader(shown, `has more than ${MAX_COLUMNS} columns`);
  return cells.map((cell) => cell.trim());
}

function badHeader(file: string, reason: string): Error {
  return problem("DATA_FILE_UNREADABLE", { file, reason: `the header line ${reason}` });
}

function tableRow(text: string, at: RowInFile, separator: string, header: readonly string[]): RawRow {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") return { at, complaint: { code: "DATA_CSV_INVALID", reason: cells } };
  if (cells.length !== header.length) {
    const reason = `has ${cells.length} fields where the header has ${header.length}`;
    return { at, complaint: { code: "DATA_CSV_INVALID", reason } };
  }
  const fields: Record<string, unknown> = Object.create(null);
  header.forEach((name, index) => {
    fields[name] = cells[index];
  });
  return { at, fields: fields as Fields };
}

/**
 * The fields of one row, or a sentence's end that says what is wrong with it.
 *
 * @param text a row without its line end
 */
export function splitTableRow(text: string, separator: string): string[] | string {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const closing = closingQuote(text, at + 1);
      if (closing < 0) return "has a quoted field that never ends";
      cells.push(text.slice(at + 1, closing).replaceAll('""', '"'));
      at = closing + 1;
      if (at === text.length) return cells;
      if (text[at] !== separator) return "has text behind a closing quote";
    } else {
      const end = text.indexOf(separator, at);
      if (end < 0) {
        cells.push(text.slice(at));
        return cells;
      }
      cells.push(text.slice(at, end));
      at = end;
    }
    at++;
  }
}

/** Index of the quote that closes a field begun before `from`; doubled quotes belong to the field. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/**
 * Row ends outside quoted fields. A quote opens a field only at the field's start, unlike the one in `5"
 * disk`.
 */
export function tableRowEnds(separator: string): RecordEnds {
  const comma = separator.charCodeAt(0);
  const skipMark = byteOrderMarkSkipper();
  let quoted = false;
  let fieldStart = true;
  return {
    next(chunk, from): number {
      for (let i = from; i < chunk.length; i++) {
        const byte = chunk[i] as number;
        if (skipMark(byte)) continue;
        if (quoted) {
          // A doubled quote closes and at once opens again, which comes to the same.
          if (byte === QUOTE) {
            quoted = false;
            fieldStart = true;
          }
        } else if (byte === QUOTE) {
          quoted = fieldStart;
          fieldStart = false;
        } else if (byte === LINE_FEED) {
          fieldStart = true;
          return i;
        } else {
          fieldStart = byte === comma;
        }
      }
      return -1;
    },
  };
}

/** Says of each byte whether it belongs to a byte order mark at the very start of the file. */
function byteOrderMarkSkipper(): (byte: number) => boolean {
  const mark = [0xef, 0xbb, 0xbf];
  let seen = 0;
  return (byte) => {
    if (byte === mark[seen]) {
      seen++;
      return true;
    }
    seen = mark.length;
    return false;
  };
}
