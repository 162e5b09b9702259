/** @file A table as a value, rendered by all formats. */
import { html, type Markup } from "./markup.ts";

/** Columns with units in their titles; numeric ones are right-aligned. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly isNumeric: boolean }[];
  /** Rows with one cell per column. */
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

/** Renders a table; wide tables scroll. A table whose titles are all empty has no header. */
export function tableMarkup({ columns, rows }: Table): Markup {
  const isFacts = columns.every(({ title }) => title === "");
  const head = columns.map(({ title, isNumeric }) => html`<th scope="col"${style(isNumeric)}>${title}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => html`<td${style(columns[i]?.isNumeric ?? false)}>${cell}</td>`);
    return html`<tr>${cells}</tr>`;
  });
  return html`<div class="scroll"><table${isFacts ? html` class="facts"` : null}>
${isFacts ? null : html`<thead><tr>${head}</tr></thead>`}
<tbody>${body}</tbody>
</table></div>`;
}

function style(isNumeric: boolean): Markup | null {
  return isNumeric ? html` class="number"` : null;
}
