/**
 * @file `report.html`: one file that needs nothing else, runs nothing and can be forwarded.
 */
import { countOf } from "../../quantity/index.ts";
import { lossChart } from "../charts/loss-chart.ts";
import { scoreChart } from "../charts/score-chart.ts";
import { instantText } from "../figure-text.ts";
import { tableMarkup } from "../html-table.ts";
import { html, type Markup, trusted } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { dataSection, endSection, sampleSection } from "./html-details.ts";
import { forgettingSection } from "./html-forgetting.ts";
import { labelSection, trivialCard } from "./html-labels.ts";
import { safetySection } from "./html-safety.ts";
import { tiles } from "./html-tiles.ts";
import { judgeRun } from "./judgement.ts";
import { byHeartSentence, byHeartTable } from "./memorization-text.ts";
import type { RunReport } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable } from "./report-tables.ts";
import { budgetSentence } from "./sentences.ts";

/** The report as a page; no text of the run is markup. */
export function reportHtml(report: RunReport): string {
  const { run } = report;
  const about = html`${run.model}, ${instantText(run.createdAt)}, run <code>${run.id}</code>`;
  const sections = html`${scoreSection(report)}
${labelSection(report)}
${planSection(report)}
${curveSection(report)}
${forgettingSection(report)}
${safetySection(report)}
${byHeartSection(report)}
${sampleSection(report.samples)}
${dataSection(report)}
${endSection(report)}`;
  return pageHtml(
    { name: run.name, about, judgement: judgeRun(report), tiles: tiles(report) },
    sections,
    null,
  );
}

function scoreSection(report: RunReport): Markup | null {
  if (report.scores.length === 0) return null;
  const numbers = tableMarkup(scoreTable(report.scores));
  const chart = scoreChart(report.scores);
  const notes = pairedNotes(report.scores).map((note) => html`<p class="after">${note}</p>`);
  return html`<section>
<h2>Base beside tuned, on the test rows</h2>
<div class="card">${chart}${chart ? folded("The figures as a table", numbers, true) : numbers}${notes}
${trivialCard(report)}</div>
</section>`;
}

function planSection(report: RunReport): Markup {
  const guards = report.guards.map(
    ({ step, verdict }) => html`<li><span class="mark ${verdict.act}">${verdict.act}</span>
step ${step}, ${verdict.guard}: ${verdict.sentence}</li>`,
  );
  return html`<section>
<h2>Planned and actual</h2>
<div class="card">${tableMarkup(figureTable(report))}<p class="after">${budgetSentence(report.budget)}</p>
${guards.length ? html`<ul class="plain">${guards}</ul>` : null}</div>
</section>`;
}

function curveSection(report: RunReport): Markup | null {
  const chart = lossChart(report.curves);
  if (chart === null) return null;
  const left = [...report.curves.train, ...report.curves.validation].filter(
    (point) => !Number.isFinite(point.loss),
  ).length;
  const gap =
    left === 0 ? null : html`<p class="after">${countOf(left, "point")} are no numbers and not drawn.</p>`;
  return html`<section>
<h2>Loss</h2>
<div class="card">${chart}${gap}${folded("The curves as a table", tableMarkup(curveTable(report)))}</div>
</section>`;
}

function byHeartSection({ byHeart }: RunReport): Markup | null {
  if (byHeart === null) return null;
  return html`<section>
<h2>Learned by heart</h2>
<div class="card">${tableMarkup(byHeartTable(byHeart))}<p class="after">${byHeartSentence(byHeart)}</p></div>
</section>`;
}

function folded(title: string, content: Markup, isOpen = false): Markup {
  return html`<details${isOpen ? trusted(" open") : null}><summary>${title}</summary>${content}</details>`;
}
