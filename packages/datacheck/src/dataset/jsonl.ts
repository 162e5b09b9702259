/** @file Reads JSONL: one JSON object per line. */

import { parseJson } from "@tunewise/core/untrusted";
import { type RawRow, type RowSource, rowOf } from "./record.ts";
import { type FileRecord, lineEnds, type RecordOptions, readRecords } from "./records.ts";

/**
 * Reads the rows of a JSONL file; blank lines are skipped but counted.
 *
 * Issues: `DATA_JSON_INVALID`, `DATA_ROW_NOT_OBJECT`, `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`.
 *
 * @throws {TunewiseError} see `readRecords`
 */
export async function* readJsonl(
  path: string,
  shown: string,
  options: Omit<RecordOptions, "maxRecordBytes"> = {},
): RowSource & AsyncGenerator<RawRow[]> {
  for await (const records of readRecords(path, shown, lineEnds(), options)) {
    const rows: RawRow[] = [];
    for (const record of records) {
      const row = parseLine(record);
      if (row !== null) rows.push(row);
    }
    if (rows.length > 0) yield rows;
  }
}

/** Parses a line into a row, an issue if it has no row, or `null` if the line is blank. */
export function parseLine(record: FileRecord): RawRow | null {
  const at = { row: record.number, line: record.line };
  if (!("text" in record)) return { at, issue: record.issue };
  if (record.text.trim() === "") return null;
  try {
    return rowOf(at, parseJson(record.text));
  } catch (error) {
    return { at, issue: { code: "DATA_JSON_INVALID", reason: jsonReason(error) } };
  }
}

/** V8's error message without the quoted source, which can be as long as the line. */
export function jsonReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/, (?:\.\.\.)?".*$/s, "").replace(/ in JSON at position \d+.*$/s, "");
}
