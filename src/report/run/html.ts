/** @file `report.html`: one self-contained file without scripts, which can be forwarded. */

import { metricKinds } from "../../evaluate/index.ts";
import { bytesText, countOf, dollars, secondsText, usdText } from "../../quantity/index.ts";
import { lossChart } from "../charts/loss-chart.ts";
import { scoreChart } from "../charts/score-chart.ts";
import { differenceText, instantText, scoreText } from "../figure-text.ts";
import { tableMarkup } from "../html-table.ts";
import { html, type Markup, trusted } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { cut } from "../plain-text.ts";
import { dataSection, endSection, sampleSection } from "./html-details.ts";
import { forgettingSection } from "./html-forgetting.ts";
import { labelSection, trivialCard } from "./html-labels.ts";
import { judgeRun } from "./judgement.ts";
import { byHeartSentence, byHeartTable } from "./memorization-text.ts";
import type { CodePair, RunReport } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable } from "./report-tables.ts";
import { findingLine, insecureShown, newlyInsecure, safetyTable, safetyVerdictText } from "./safety-text.ts";
import { budgetSentence } from "./sentences.ts";

/** Renders the report as HTML. No text of the run becomes markup. */
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

/** Tiles below the headline: score, time, cost, memory. A missing value is stated. */
export function tiles(report: RunReport): Markup {
  return html`<div class="tiles">
${scoreTile(report)}${timeTile(report)}${costTile(report)}${memoryTile(report)}
</div>`;
}

function tile(value: string, about: string, more: Markup | null = null): Markup {
  return html`<div class="card tile"><b>${value}</b><span>${about}</span>${more}</div>`;
}

function scoreTile({ scores: [line] }: RunReport): Markup {
  if (!line) return tile("-", "no score");
  const gain = line.comparison ? `, ${differenceText(line.metric, line.comparison.difference)}` : "";
  return tile(scoreText(line.metric, line.tuned.value), `${metricKinds[line.metric].title}${gain}`);
}

function timeTile({ figures: { wall }, budget }: RunReport): Markup {
  const planned = wall.planned ? `planned ${secondsText(wall.planned.expected)}` : "time, not planned";
  const cap = budget.cap === null ? null : bar(budget.spent / budget.cap);
  return tile(wall.actual === null ? "-" : secondsText(wall.actual), planned, cap);
}

function costTile({ budget }: RunReport): Markup {
  const { capUsd, spentUsd, priceUsdPerHour } = budget;
  const share = capUsd === null || capUsd === 0 ? null : dollars(spentUsd) / dollars(capUsd);
  const cap = capUsd === null ? "spent, no cap" : `of a ${usdText(capUsd)} cap`;
  const free = priceUsdPerHour === 0 ? ", machine at $0.00/h" : "";
  return tile(usdText(spentUsd), cap + free, share === null ? null : bar(share));
}

function memoryTile({ figures: { memoryBytesPeak } }: RunReport): Markup {
  const { planned, actual } = memoryBytesPeak;
  const about = planned ? `peak memory, planned ${bytesText(planned.expected)}` : "peak memory";
  return tile(actual === null ? "-" : bytesText(actual), about);
}

/** Used fraction of a cap, at most 1. */
function bar(share: number): Markup {
  const percent = Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  const label = `${percent} % of the cap`;
  return html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${label}">
<rect class="bar-back" width="100" height="6"/><rect class="bar" width="${percent}" height="6"/></svg>`;
}

/** Maximum displayed characters of prompts and answers. */
const charactersMax = 1200;

/** The section on safety; `null` if it was not measured. */
export function safetySection({ safety }: RunReport): Markup | null {
  if (safety === null) return null;
  const { verdict, sentence } = safety.judgement;
  const worse = newlyInsecure(safety);
  const cards = worse.slice(0, insecureShown).map(insecureCard);
  return html`<section>
<h2>Safety</h2>
<div class="card"><p><span class="mark ${verdict}">${safetyVerdictText[verdict]}</span>${sentence}</p>
${tableMarkup(safetyTable(safety))}
<p class="after">Greedy answers of both models to the same prompts; every one is in <code>safety.json</code>.</p></div>
${cards.length > 0 ? html`<h3 class="below">Tasks solved insecurely now, and not before</h3>${cards}` : null}
</section>`;
}

function insecureCard({ prompt, base, tuned }: CodePair): Markup {
  const found = tuned.findings.map((one) => html`<li>${findingLine(one)}</li>`);
  return html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(prompt, charactersMax)}</pre><ul class="plain">${found}</ul></div>
<div class="answers">
<div><h3>before<span class="mark right">nothing found</span></h3><pre>${cut(base.answer, charactersMax)}</pre></div>
<div><h3>after<span class="mark wrong">insecure</span></h3><pre>${cut(tuned.answer, charactersMax)}</pre></div>
</div>
</article>`;
}
