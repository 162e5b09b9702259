/** @file HTML tables. */
import { html, type Markup } from "./markup.ts";
import type { Table } from "./table.ts";

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
