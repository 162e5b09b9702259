/** @file Numbers the records of a split from 1 over all files of its sources, in the order of reading. */
import type { Example } from "@tunewise/core/rows";
import type { ReadCounts } from "@tunewise/datacheck/dataset";

/** The file of a record, and its number in it; `null` for a number behind the last record. */
export function placeOfRecord(
  { files }: ReadCounts,
  number: number,
): { readonly file: ReadCounts["files"][number]; readonly row: number } | null {
  let before = 0;
  for (const file of files) {
    if (number <= before + file.rows) return { file, row: number - before };
    before += file.rows;
  }
  return null;
}

/** The number of a row. */
export function numberOfRecord({ files }: ReadCounts, { file, row }: Pick<Example, "file" | "row">): number {
  const at = files.findIndex(({ shown }) => shown === file);
  return files.slice(0, Math.max(0, at)).reduce((sum, { rows }) => sum + rows, row);
}
