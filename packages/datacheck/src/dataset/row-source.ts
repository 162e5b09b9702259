/** @file Reads the rows of a data file, whatever its container. */

import type { RowInFile } from "@tunewise/core/rows";
import { readContainer } from "./container.ts";
import { detectContainer } from "./detect.ts";
import type { SampleBy } from "./documents.ts";
import { parseLine } from "./jsonl.ts";
import type { ColumnPair } from "./recognize/column-names.ts";
import type { Fields, RawRow } from "./record.ts";
import { lineEnds, readRecords } from "./records.ts";
import type { RowIssue } from "./row-issue.ts";

/** The columns that the recipe requires. */
export function columnsOf(columns: ColumnPair | null): string[] {
  if (columns === null) return [];
  const { prompt, completion, reasoning } = columns;
  return reasoning === undefined ? [prompt, completion] : [prompt, completion, reasoning];
}

/** A record: its fields and its JSON, or the issue that prevented reading it and, for a line of JSONL, its text. */
export type FileRow =
  | { readonly at: RowInFile; readonly fields: Fields; readonly json: string }
  | { readonly at: RowInFile; readonly issue: RowIssue; readonly text?: string };

/**
 * Reads the records of a file for copying. Lines of JSONL are returned byte for byte; records of other files as the
 * JSON of their fields.
 *
 * @param columns columns of the recipe, which determine whether a table has a header
 * @param documents what text files contain, see `documentsIn`
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readFileRows(
  path: string,
  shown: string,
  columns: ColumnPair | null = null,
  documents: SampleBy | null = null,
): AsyncGenerator<FileRow> {
  const container = await detectContainer(path, shown, documents);
  if (container.kind === "jsonl") {
    for await (const records of readRecords(path, shown, lineEnds(), container)) {
      for (const record of records) {
        const row = parseLine(record);
        if (row !== null) yield fileRow(row, "text" in record ? record.text : "");
      }
    }
    return;
  }
  for await (const rows of readContainer(container, path, shown, columnsOf(columns))) {
    for (const row of rows) yield fileRow(row, "fields" in row ? jsonOf(row.fields) : "");
  }
}

function fileRow(row: RawRow, json: string): FileRow {
  if ("fields" in row) return { at: row.at, fields: row.fields, json };
  return json === "" ? row : { ...row, text: json };
}

/** Integers beyond 2^53, which occur in Parquet, become strings to stay exact. */
function jsonOf(fields: Fields): string {
  return JSON.stringify(fields, (_, value: unknown) => (typeof value === "bigint" ? bigintOf(value) : value));
}

function bigintOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
