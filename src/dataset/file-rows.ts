/**
 * @file Every record of a data file as JSON, for a copy of it in which some rows are other.
 */
import type { Complaint } from "./complaint.ts";
import { readTable } from "./csv.ts";
import { type Container, detectContainer } from "./detect.ts";
import { readJsonArray } from "./json-array.ts";
import { parseLine } from "./jsonl.ts";
import { readParquet } from "./parquet.ts";
import type { Fields, RawRow, RowSource } from "./record.ts";
import { lineEnds, readRecords } from "./records.ts";

/** One record: its fields and its JSON, or why it has none. */
export type FileRow =
  | { readonly line: number; readonly fields: Fields; readonly json: string }
  | { readonly line: number; readonly complaint: Complaint };

/**
 * The records of a file of any known kind. Lines of JSONL come as they are written, byte for byte; records of other
 * files become the JSON of their fields.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readFileRows(path: string, shown: string): AsyncGenerator<FileRow> {
  const container = await detectContainer(path, shown);
  if (container.kind === "jsonl") {
    for await (const records of readRecords(path, shown, lineEnds())) {
      for (const record of records) {
        const row = parseLine(record);
        if (row !== null) yield fileRow(row, "text" in record ? record.text : "");
      }
    }
    return;
  }
  for await (const rows of sourceOf(container, path, shown)) {
    for (const row of rows) yield fileRow(row, "fields" in row ? jsonOf(row.fields) : "");
  }
}

/** Files that are no JSON lines. */
function sourceOf(container: Container, path: string, shown: string): RowSource {
  if (container.kind === "table") return readTable(path, shown, container.separator);
  return container.kind === "parquet" ? readParquet(path, shown) : readJsonArray(path, shown);
}

function fileRow(row: RawRow, json: string): FileRow {
  if ("fields" in row) return { line: row.line, fields: row.fields, json };
  return { line: row.line, complaint: row.complaint };
}

/** Whole numbers beyond 2^53, which Parquet has, stay exact as text. */
function jsonOf(fields: Fields): string {
  return JSON.stringify(fields, (_, value: unknown) => (typeof value === "bigint" ? bigintOf(value) : value));
}

function bigintOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
