/** @file Names of a table's columns, from its first line or by their position. */

import { problem } from "../problem/index.ts";
import { MAX_COLUMNS } from "./limits.ts";

/**
 * Names the columns of a table.
 *
 * Columns without a name are called `column1`, `column2` ... by position; several may have none, as an index column.
 * A table has no header if the wanted columns have such names and the first line does not contain them.
 *
 * @param first cells of the first line, trimmed
 * @param wanted columns that the caller needs
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for too many columns, or a name that occurs twice
 */
export function tableHeader(
  first: readonly string[],
  wanted: readonly string[],
  shown: string,
): { readonly names: readonly string[]; readonly isHeader: boolean } {
  if (first.length > MAX_COLUMNS) throw badHeader(shown, `has more than ${MAX_COLUMNS} columns`);
  const named = first.map((cell, at) => (cell === "" ? numbered(at) : cell));
  const isHeader = !wanted.some((name) => /^column[1-9]\d{0,3}$/.test(name) && !named.includes(name));
  const names = isHeader ? named : first.map((_, at) => numbered(at));
  if (new Set(names).size !== names.length) throw badHeader(shown, "names a column twice");
  return { names, isHeader };
}

/** The name of an unnamed column. */
function numbered(at: number): string {
  return `column${at + 1}`;
}

/** `DATA_FILE_UNREADABLE` for a header line that cannot be used. */
export function badHeader(file: string, reason: string): Error {
  return problem("DATA_FILE_UNREADABLE", { file, reason: `the header line ${reason}` });
}
