/**
 * @file Every record of a data file as JSON, for a copy of it in which some rows are other.
 */
import type { Complaint } from "./complaint.ts";
import { detectContainer } from "./detect.ts";
import type { ColumnPair } from "./formats.ts";
import { parseLine } from "./jsonl.ts";
import type { Fields, RawRow } from "./record.ts";
import { lineEnds, readRecords } from "./records.ts";
import type { RowInFile } from "./row-location.ts";
import { columnsOf, sourceOf } from "./row-source.ts";

/** One record: its fields and its JSON, or why it has none. */
export type FileRow =
  | { readonly at: RowInFile; readonly fields: Fields; readonly json: string }
  | { readonly at: RowInFile; readonly complaint: Complaint };

/**
 * The records of a file of any known kind. Lines of JSONL come as they are written, byte for byte; records of other
 * files become the JSON of their fields.
 *
 * @param columns those of the recipe; they tell whether a table has a header
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readFileRows(
  path: string,
  shown: string,
  columns: ColumnPair | null = null,
): AsyncGenerator<FileRow> {
  const container = await detectContainer(path, shown);
  if (container.kind === "jsonl") {
    for await (const records of readRecords(path, shown, lineEnds(), container)) {
      for (const record of records) {
        const row = parseLine(record);
        if (row !== null) yield fileRow(row, "text" in record ? record.text : "");
      }
    }
    return;
  }
  for await (const rows of sourceOf(container, path, shown, columnsOf(columns))) {
    for (const row of rows) yield fileRow(row, "fields" in row ? jsonOf(row.fields) : "");
  }
}

function fileRow(row: RawRow, json: string): FileRow {
  return "fields" in row ? { at: row.at, fields: row.fields, json } : row;
}

/** Whole numbers beyond 2^53, which Parquet has, stay exact as text. */
function jsonOf(fields: Fields): string {
  return JSON.stringify(fields, (_, value: unknown) => (typeof value === "bigint" ? bigintOf(value) : value));
}

function bigintOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
