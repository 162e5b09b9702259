/** @file Location of a row in a data file. */

/** Location of a record within its file. */
export interface RowInFile {
  /** 1-based number of the record, not counting a table's header; unique within the file. */
  readonly row: number;
  /** 1-based line where the record starts; absent for files without lines (Parquet). */
  readonly line?: number;
  /** 1-based column in UTF-16 units; present only if another record starts earlier on the same line. */
  readonly column?: number;
}

/** Location of a record, with the file as named in the recipe. */
export interface RowLocation extends RowInFile {
  readonly file: string;
}

/** Picks the location from an object that has one. */
export function locationOf({ file, row, line, column }: RowLocation): RowLocation {
  return {
    file,
    row,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
