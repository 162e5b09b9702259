/**
 * @file Labels in `report.html`: the confusion matrix shaded by row share, a table per label, and the most frequent
 * confusions.
 */
import { tableMarkup } from "../html-table.ts";
import { html, type Markup, trusted } from "../markup.ts";
import { confusionTable, labelSentence, labelTableOf, mixUpTable } from "./label-text.ts";
import type { LabelFacts, RunReport } from "./report.ts";
import { trivialTable } from "./trivial-text.ts";

/** Shade of a cell, by its share of the row's answers. */
const shades = 5;

/** The section on labels; `null` if the task has none. */
export function labelSection({ labels }: RunReport): Markup | null {
  if (!labels) return null;
  const matrix = matrixMarkup(labels);
  const mixUps =
    labels.tuned.confusions.length === 0
      ? html`<p class="after">No label was taken for another one.</p>`
      : html`<h3 class="apart">Worst mix-ups</h3>${tableMarkup(mixUpTable(labels.tuned))}`;
  const table = tableMarkup(labelTableOf(labels));
  const isShort = labels.tuned.labels.length <= shortTable;
  return html`<section>
<h2>Labels</h2>
<div class="card"><p>${labelSentence(labels)}</p>
${matrix}${matrix === null ? mixUps : null}
<details${isShort ? trusted(" open") : null}><summary>Precision, recall and F1 of each label</summary>${table}</details>
</div>
</section>`;
}

/** Maximum number of labels whose table is shown expanded. */
const shortTable = 12;

/** The section on trivial baselines; `null` if none were scored. */
export function trivialCard({ scores }: RunReport): Markup | null {
  const table = trivialTable(scores);
  if (table.rows.length === 0) return null;
  return html`<h3 class="apart">Answers without a model, on the same rows</h3>${tableMarkup(table)}`;
}

function matrixMarkup({ tuned }: LabelFacts): Markup | null {
  const table = confusionTable(tuned);
  if (table === null) return null;
  const head = table.columns.map(({ title }) => html`<th scope="col">${title}</th>`);
  const body = table.rows.map(([name = "", ...cells], row) => {
    const total = cells.reduce((sum, cell) => sum + Number(cell), 0);
    const marked = cells.map((cell, column) => {
      const shade = total === 0 ? 0 : Math.ceil((shades * Number(cell)) / total);
      const kind = row === column ? "hit" : "miss";
      return html`<td class="cell ${kind} shade-${shade}">${cell}</td>`;
    });
    return html`<tr><th scope="row">${name}</th>${marked}</tr>`;
  });
  return html`<p class="quiet">Confusion matrix of the tuned model: expected labels down, answered ones across.</p>
<div class="scroll"><table class="matrix">
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}
