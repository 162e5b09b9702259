/**
 * @file Rows of a CSV or TSV file as RFC 4180 has it: quoted fields may hold separators, quotes and line
 * breaks.
 */
import { problem } from "../problem/index.ts";
import { MAX_COLUMNS } from "./limits.ts";
import type { Fields, RawRow } from "./record.ts";
import { type RecordEnds, readRecords } from "./records.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Rows of a table with a header line, numbered from 1 behind the header.
 *
 * Complaints: `DATA_CSV_INVALID` (unclosed quote, text behind a closing quote, other number of fields than
 * the header), `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`.
 *
 * @param separator one character, see `likelySeparator`
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for a bad header; as `readRecords`
 * @source RFC 4180, section 2
 */
export async function* readTable(path: string, shown: string, separator: string): AsyncGenerator<RawRow[]> {
  let header: readonly string[] | null = null;
  let headerNumber = 0;
  for await (const records of readRecords(path, shown, tableRowEnds(separator))) {
    const rows: RawRow[] = [];
    for (const record of records) {
      const line = record.number - headerNumber;
      if (!("text" in record)) {
        if (header === null) throw badHeader(shown, record.complaint.reason);
        rows.push({ line, complaint: record.complaint });
      } else if (header === null) {
        header = readHeader(record.text, separator, shown);
        headerNumber = record.number;
      } else {
        rows.push(tableRow(record.text, line, separator, header));
      }
    }
    if (rows.length > 0) yield rows;
  }
}

function readHeader(text: string, separator: string, shown: string): readonly string[] {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") throw badHeader(shown, cells);
  if (cells.length > MAX_COLUMNS) throw badHeader(shown, `has more than ${MAX_COLUMNS} columns`);
  const names = cells.map((cell) => cell.trim());
  if (new Set(names).size !== names.length) throw badHeader(shown, "names a column twice");
  return names;
}

function badHeader(file: string, reason: string): Error {
  return problem("DATA_FILE_UNREADABLE", { file, reason: `the header line ${reason}` });
}

function tableRow(text: string, line: number, separator: string, header: readonly string[]): RawRow {
  const cells = splitTableRow(text, separator);
  if (typeof cells === "string") return { line, complaint: { code: "DATA_CSV_INVALID", reason: cells } };
  if (cells.length !== header.length) {
    const reason = `has ${cells.length} fields where the header has ${header.length}`;
    return { line, complaint: { code: "DATA_CSV_INVALID", reason } };
  }
  const fields: Record<string, unknown> = Object.create(null);
  header.forEach((name, index) => {
    fields[name] = cells[index];
  });
  return { line, fields: fields as Fields };
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

/** The separator a header most probably uses; a comma where none occurs. */
export function likelySeparator(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, "");
  const counts = [",", ";", "\t"].map((mark) => ({ mark, count: bare.split(mark).length - 1 }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
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
