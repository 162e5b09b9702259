/** @file A table as a value, rendered by all formats. */

/** Columns with units in their titles; numeric ones are right-aligned. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly isNumeric: boolean }[];
  /** One cell per column. */
  readonly rows: readonly (readonly string[])[];
}

/** Creates a table. A `#` before a title marks a numeric column. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): Table {
  const columns = titles.map((title) => ({
    title: title.replace(/^#/, ""),
    isNumeric: title.startsWith("#"),
  }));
  return { columns, rows };
}
