/**
 * @file A table as a value, drawn alike by both reports.
 */

/** Columns with units in their titles; a numeric one is aligned to the right. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly isNumeric: boolean }[];
  /** One text per column. */
  readonly rows: readonly (readonly string[])[];
}

/** A table whose numeric columns are the ones with a `#` in front of their title. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): Table {
  const columns = titles.map((title) => ({
    title: title.replace(/^#/, ""),
    isNumeric: title.startsWith("#"),
  }));
  return { columns, rows };
}
