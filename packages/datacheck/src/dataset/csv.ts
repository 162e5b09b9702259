/**
 * @file Reads CSV and TSV files per RFC 4180 (quoted fields may contain separators, quotes and line breaks), and
 * detects their separator.
 */

import type { Compression } from "@tunewise/core/format";
import type { RowInFile } from "@tunewise/core/rows";
import type { Fields, RawRow } from "./record.ts";
import { type RecordEnds, readRecords } from "./records.ts";
import { badHeader, tableHeader } from "./table-header.ts";
import type { TextEncoding } from "./text-encoding.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Dialect of a table. */
interface TableForm {
  /** One character, see `likelySeparator`. */
  readonly separator: string;
  readonly encoding?: TextEncoding;
  readonly compression?: Compression | null;
  /** Columns that the caller needs; numbered names (`column1`) mean that the table has no header. */
  readonly wanted?: readonly string[];
}

/**
 * Reads the rows of a table, numbered from 1 after the header line, see `tableHeader`.
 *
 * Issues: `DATA_CSV_INVALID` (unclosed quote, text after a closing quote, field count differs from the header),
 * `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for a bad header; see also `readRecords`
 * @source RFC 4180, section 2
 */
export async function* readTable(path: string, shown: string, form: TableForm): AsyncGenerator<RawRow[]> {
  const { separator, encoding = "utf-8", compression = null, wanted = [] } = form;
  let header: readonly string[] | null = null;
  let headerNumber = 0;
  for await (const records of readRecords(path, shown, tableRowEnds(separator), { encoding, compression })) {
    const rows: RawRow[] = [];
    for (const record of records) {
      if (header === null) {
        if (!("text" in record)) throw badHeader(shown, record.issue.reason);
        const first = tableHeader(headerCells(record.text, separator, shown), wanted, shown);
        header = first.names;
        headerNumber = first.isHeader ? record.number : 0;
        if (headerNumber > 0) continue;
      }
      const at = { row: record.number - headerNumber, line: record.line };
      rows.push(
        "text" in record ? tableRow(record.text, at, separator, header) : { at, issue: record.issue },
      );
    }
    if (rows.length > 0) yield rows;
  }
}

function headerCells(text: string, separator: string, shown: string): readonly string[] {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") throw badHeader(shown, cells);
  return cells.map((cell) => cell.trim());
}

function tableRow(text: string, at: RowInFile, separator: string, header: readonly string[]): RawRow {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") return { at, issue: { code: "DATA_CSV_INVALID", reason: cells } };
  if (cells.length !== header.length) {
    const reason = `has ${cells.length} fields where the header has ${header.length}`;
    return { at, issue: { code: "DATA_CSV_INVALID", reason } };
  }
  const fields: Record<string, unknown> = Object.create(null);
  header.forEach((name, index) => {
    fields[name] = cells[index];
  });
  return { at, fields: fields as Fields };
}

/**
 * Splits a row into its fields, or returns the reason why it is invalid.
 *
 * @param text row without its line ending
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

/** Index of the closing quote at or after `from`; doubled quotes are escaped quotes. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/** Finds row ends outside quoted fields. A quote opens a field only at its start, unlike in `5" disk`. */
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
          // A doubled quote closes and immediately reopens the field, with the same effect.
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

/** Returns a predicate for bytes of a byte order mark at the start of the file. */
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

/** Candidate separators; earlier ones win ties. */
const marks = [",", ";", "\t", "|"] as const;

/** Rows sampled for detection. */
const sampledRows = 50;

/**
 * Detects the separator of a table: the one under which most rows have as many fields as the first row. Ties go to the
 * separator with more fields; the default is a comma.
 *
 * @param text start of the table; its last row may be truncated
 */
export function likelySeparator(text: string): string {
  const best = bestSeparator(text);
  return best.fields > 1 ? best.mark : ",";
}

/** Min. share of rows with as many fields as the first one. */
const evenShare = 0.9;

/** Whether a text is a table with several columns, judging by its first rows. */
export function hasEvenColumns(text: string): boolean {
  const { fields, share } = bestSeparator(text);
  return fields > 1 && share >= evenShare;
}

function bestSeparator(text: string): ReturnType<typeof rate> & { readonly mark: string } {
  const bytes = Buffer.from(text, "utf8");
  const rated = marks.map((mark) => ({ mark, ...rate(bytes, mark) }));
  return rated.reduce((one, next) =>
    next.share > one.share + 1e-9 || (next.share >= one.share - 1e-9 && next.fields > one.fields)
      ? next
      : one,
  );
}

function rate(bytes: Buffer, mark: string): { readonly share: number; readonly fields: number } {
  const counts = fieldCounts(bytes, mark);
  const [fields = 1] = counts;
  if (fields < 2) return { share: 0, fields: 1 };
  return { share: counts.filter((count) => count === fields).length / counts.length, fields };
}

/** Field counts of the first rows; 0 for a row that is invalid under this separator. */
function fieldCounts(bytes: Buffer, mark: string): number[] {
  const ends = tableRowEnds(mark);
  const counts: number[] = [];
  let from = 0;
  while (from < bytes.length && counts.length < sampledRows) {
    const end = ends.next(bytes, from);
    // the last row may be truncated, unless it is the only one
    if (end < 0 && counts.length > 0) break;
    const row = bytes.toString("utf8", from, end < 0 ? bytes.length : end).replace(/\r$/, "");
    if (row.trim() !== "") {
      const cells = splitTableRow(row, mark);
      counts.push(typeof cells === "string" ? 0 : cells.length);
    }
    if (end < 0) break;
    from = end + 1;
  }
  return counts;
}
