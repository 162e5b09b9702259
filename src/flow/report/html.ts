/**
 * @file `report.html`: one file that needs nothing else, runs nothing and can be forwarded.
 */
import { byHeartSentence, byHeartTable } from "./by-heart-text.ts";
import { instantText } from "./figure-text.ts";
import { dataSection, endSection, sampleSection } from "./html-details.ts";
import { forgettingSection } from "./html-forgetting.ts";
import { safetySection } from "./html-safety.ts";
import { tableMarkup } from "./html-table.ts";
import { tiles } from "./html-tiles.ts";
import { judgeRun } from "./judgement.ts";
import { lossChart } from "./loss-chart.ts";
import { html, type Markup, trusted } from "./markup.ts";
import { pagePolicy } from "./policy.ts";
import type { RunReport } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable } from "./report-tables.ts";
import { scoreChart } from "./score-chart.ts";
import { budgetSentence } from "./sentences.ts";
import { reportStyle } from "./style.ts";

/** The report as a page. Its policy lets in this one style sheet and nothing else; no text of the run is
markup. */ export function reportHtml(report: RunReport): string {
  const judgement = judgeRun(report);
  const { run } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${run.name}: ${judgement.title.toLowerCase()}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<main>
<header>
<h1>${run.name}</h1>
<p>${run.model}, ${instantText(run.createdAt)}, run <code>${run.id}</code></p>
<section class="card judgement ${judgement.tone}" aria-label="Judgement">
<strong>${judgement.title}</strong>
<p>${judgement.sentence.replace(/ %/g, "\u00a0%")}</p>
</section>
${tiles(report)}
</header>
${scoreSection(report)}
${planSection(report)}
${curveSection(report)}
${forgettingSection(report)}
${safetySection(report)}
${byHeartSection(report)}
${sampleSection(report.samples)}
${dataSection(report)}
${endSection(report)}
<footer>Made by tunewise. This page runs no script and loads nothing.</footer>
</main>
</body>
</html>
`;
  return page.markup;
}

function scoreSection(report: RunReport): Markup | null {
  if (report.scores.length === 0) return null;
  const numbers = tableMarkup(scoreTable(report.scores));
  const chart = scoreChart(report.scores);
  const notes = pairedNotes(report.scores).map((note) => html`<p class="after">${note}</p>`);
  return html`<section>
<h2>Base beside tuned, on the test rows</h2>
<div class="card">${chart}${chart ? folded("The figures as a table", numbers, true) : numbers}${notes}</div>
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
  const gap = left === 0 ? null : html`<p class="after">${left} points are no numbers and not drawn.</p>`;
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
