/**
 * @file The rows of a data file by its container: the one way to them for all who read rows.
 */
import { readTable } from "./csv.ts";
import type { Container } from "./detect.ts";
import type { ColumnPair } from "./formats.ts";
import { readJsonArray } from "./json-array.ts";
import { readJsonl } from "./jsonl.ts";
import { readParquet } from "./parquet.ts";
import type { RowSource } from "./record.ts";

/**
 * The rows of a file.
 *
 * @param wanted columns that will be asked for, see `readTable`
 */
export function sourceOf(
  container: Container,
  path: string,
  shown: string,
  wanted: readonly string[] = [],
): RowSource {
  switch (container.kind) {
    case "jsonl":
      return readJsonl(path, shown, container.encoding);
    case "json":
      return readJsonArray(path, shown, container.encoding);
    case "parquet":
      return readParquet(path, shown);
    case "table":
      return readTable(path, shown, { ...container, wanted });
  }
}

/** The columns that a recipe asks for. */
export function columnsOf(columns: ColumnPair | null): string[] {
  return columns === null ? [] : [columns.prompt, columns.completion];
}
