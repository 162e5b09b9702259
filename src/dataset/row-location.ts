/**
 * @file Where a record stands in its file: made by the readers, carried by every row and told in every finding.
 */

/** A record's location without its file. */
export interface RowInFile {
  /** Number of the record in its file, from 1; a table's header is not counted. Tells records of a file apart. */
  readonly row: number;
  /** Line of the file that the record begins in, from 1; absent where a file has no lines (Parquet). */
  readonly line?: number;
  /** Column of that line, in UTF-16 units from 1, where another record begins in the same line before it. */
  readonly column?: number;
}

/** The same with the file as the recipe names it. */
export interface RowLocation extends RowInFile {
  readonly file: string;
}

/** The location alone, of whatever carries one. */
export function locationOf({ file, row, line, column }: RowLocation): RowLocation {
  return {
    ...{ file, row },
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
