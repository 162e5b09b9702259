/**
 * @file `report.html`: one self-contained file without scripts, which can be forwarded. Every section of a run's report
 * is a row in `reportHtml`, with its chart of `charts/` if it has one.
 */

import { bytesText, countOf, dollars, secondsText, usdText } from "@tunewise/core/quantity";
import { speakerText } from "@tunewise/core/run";
import { metricKinds, type RegressionOutcome } from "../../evaluate/index.ts";
import { forgettingChart } from "../charts/forgetting-chart.ts";
import { lossChart } from "../charts/loss-chart.ts";
import { scoreChart } from "../charts/score-chart.ts";
import { instantText, scoreText } from "../figure-text.ts";
import { html, type Markup, trusted } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { cut } from "../plain-text.ts";
import { tableMarkup } from "../table.ts";
import { actionOf, actionTones } from "./action.ts";
import {
  brokenShown,
  forgettingAdvice,
  forgettingNotes,
  forgettingTable,
  measurementTable,
  verdictText,
} from "./forgetting-text.ts";
import { dataSection, endSection, sampleSection } from "./html-details.ts";
import { judgeRun } from "./judgement.ts";
import { confusedPairsTable, confusionTable, labelSentence, labelTableOf } from "./label-text.ts";
import type { CodePair, LabelFacts, RunReport } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable } from "./report-tables.ts";
import {
  findingLine,
  insecureShown,
  isGrave,
  newlyInsecure,
  safetyTable,
  safetyVerdictText,
  scannerSentences,
} from "./safety-text.ts";
import { budgetSentence, isUnpriced, memorizationSentence, memorizationTable } from "./sentences.ts";
import { trivialBar, trivialTable, trivialTitle } from "./trivial-text.ts";

/** Renders the report as HTML. No text of the run becomes markup. */
export function reportHtml(report: RunReport): string {
  const { run } = report;
  const about = html`${run.model}, ${instantText(run.createdAt)}, run <code>${run.id}</code>`;
  const judgement = judgeRun(report);
  const { kind, title, sentence, command } = actionOf(report, judgement);
  const sections = html`${scoreSection(report)}
${folds([
  ["Planned and actual", planSection(report)],
  ["Loss", curveSection(report)],
  ["Labels", labelSection(report)],
  ["Forgetting", forgettingSection(report)],
  ["Safety", safetySection(report)],
  ["Memorization", memorizationSection(report)],
  ["Answers to test rows", sampleSection(report.samples)],
  ["Data", dataSection(report)],
  ["Use, reproduce, limits and settings", endSection(report)],
])}`;
  const action = { title, sentence, command };
  return pageHtml(
    {
      name: run.name,
      about,
      action,
      tiles: tiles(report),
      judgement: { ...judgement, tone: actionTones[kind] },
    },
    sections,
    null,
  );
}

/** Details below the verdict, collapsed: the page can be read in ten seconds but contains everything. */
function folds(parts: readonly (readonly [title: string, content: Markup | null])[]): Markup {
  const shown = parts.flatMap(([title, content]) =>
    content === null ? [] : [html`<details class="part"><summary>${title}</summary>${content}</details>`],
  );
  return html`<div class="parts">${shown}</div>`;
}

function scoreSection(report: RunReport): Markup | null {
  if (report.scores.length === 0) return null;
  const numbers = tableMarkup(scoreTable(report.scores));
  const chart = scoreChart(report.scores);
  const notes = pairedNotes(report.scores).map((note) => html`<p class="after">${note}</p>`);
  return html`<section>
<h2>Base beside tuned, on the test rows</h2>
<div class="card">${chart}${chart ? folded("The figures as a table", numbers) : numbers}${notes}
${trivialCard(report)}</div>
</section>`;
}

function planSection(report: RunReport): Markup {
  const guards = report.guards.map(
    ({ step, verdict }) => html`<li><span class="mark ${verdict.act}">${verdict.act}</span>
step ${step}, ${speakerText(verdict.guard)}: ${verdict.sentence}</li>`,
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

function memorizationSection({ memorization }: RunReport): Markup | null {
  if (memorization === null) return null;
  return html`<section>
<h2>Memorization</h2>
<div class="card">${tableMarkup(memorizationTable(memorization))}
<p class="after">${memorizationSentence(memorization)}</p></div>
</section>`;
}

function folded(title: string, content: Markup): Markup {
  return html`<details><summary>${title}</summary>${content}</details>`;
}

/** Tiles below the headline: score, time, cost, memory. A missing value is stated as such. */
export function tiles(report: RunReport): Markup {
  return html`<div class="tiles">
${scoreTile(report)}${timeTile(report)}${costTile(report)}${memoryTile(report)}
</div>`;
}

function tile(value: string, about: string, more: Markup | null = null): Markup {
  return html`<div class="card tile"><b>${value}</b><span>${about}</span>${more}</div>`;
}

/** The score next to what it must beat: the base model, and the best trivial baseline. */
function scoreTile({ scores }: RunReport): Markup {
  const [line] = scores;
  if (!line) return tile("-", "no score");
  const { metric, tuned, base } = line;
  const bar = trivialBar(scores.slice(0, 1));
  const rivals = [
    ...(base ? [`base ${scoreText(metric, base.value)}`] : []),
    ...(bar ? [`${trivialTitle(bar.best)} ${scoreText(metric, bar.best.value)}`] : []),
  ].join(", ");
  return tile(
    scoreText(metric, tuned.value),
    `${metricKinds[metric].title}${rivals === "" ? "" : `; ${rivals}`}`,
  );
}

function timeTile({ figures: { wall }, budget }: RunReport): Markup {
  const planned = wall.planned ? `planned ${secondsText(wall.planned.expected)}` : "time, not planned";
  const cap = budget.cap === null ? null : bar(budget.spent / budget.cap);
  return tile(wall.actual === null ? "-" : secondsText(wall.actual), planned, cap);
}

function costTile({ budget }: RunReport): Markup {
  const { capUsd, spentUsd } = budget;
  if (isUnpriced(budget)) return tile("-", "no price for this machine (machine.usd_per_hour)");
  const share = capUsd === null || capUsd === 0 ? null : dollars(spentUsd) / dollars(capUsd);
  const cap = capUsd === null ? "spent, no cap" : `of a ${usdText(capUsd)} cap`;
  return tile(usdText(spentUsd), cap, share === null ? null : bar(share));
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
${scannerSentences(safety).map((sentence) => html`<p class="after">${sentence}</p>`)}
<p class="after">Greedy answers of both models to the same prompts; every one is in <code>safety.json</code>.</p></div>
${cards.length > 0 ? html`<h3 class="below">Tasks solved insecurely now, and not before</h3>${cards}` : null}
</section>`;
}

function insecureCard({ prompt, base, tuned }: CodePair): Markup {
  const found = tuned.findings.filter(isGrave).map((one) => html`<li>${findingLine(one)}</li>`);
  return html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(prompt, charactersMax)}</pre><ul class="plain">${found}</ul></div>
<div class="answers">
<div><h3>before<span class="mark right">nothing found</span></h3><pre>${cut(base.answer, charactersMax)}</pre></div>
<div><h3>after<span class="mark wrong">insecure</span></h3><pre>${cut(tuned.answer, charactersMax)}</pre></div>
</div>
</article>`;
}

/** Shade of a cell, by its share of the row's answers. */
const shades = 5;

/** The section on labels; `null` if the task has none. */
export function labelSection({ labels }: RunReport): Markup | null {
  if (!labels) return null;
  const matrix = matrixMarkup(labels);
  const mixUps =
    labels.tuned.confusions.length === 0
      ? html`<p class="after">No label was confused with another one.</p>`
      : html`<h3 class="apart">Most frequent confusions</h3>${tableMarkup(confusedPairsTable(labels.tuned))}`;
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

/** The section on forgetting; `null` if it was not measured. */
export function forgettingSection({ forgetting, curves }: RunReport): Markup | null {
  if (forgetting === null) return null;
  const { judgement, regressionPrompts } = forgetting;
  const notes = forgettingNotes(forgetting).map((note) => html`<p class="after">${note}</p>`);
  const [before, line, after] = forgettingAdvice;
  const advice =
    judgement.verdict === "fail" ? html`<p class="after">${before}<code>${line}</code>${after}</p>` : null;
  const { verdict } = judgement;
  const mark = html`<span class="mark ${verdict}">${verdictText[verdict]}</span>`;
  const chart = forgettingChart(forgetting, curves);
  const validation = new Map(curves.validation.map(({ step, loss }) => [step, loss]));
  const measurements = html`<details><summary>The measurements as a table</summary>
${tableMarkup(measurementTable(forgetting, validation))}</details>`;
  const broken = (regressionPrompts?.broken ?? []).slice(0, brokenShown).map(brokenCard);
  return html`<section>
<h2>Forgetting</h2>
<div class="card"><p>${mark}${judgement.sentence}</p>
${tableMarkup(forgettingTable(forgetting))}${notes}${advice}</div>
${chart ? html`<div class="card below">${chart}${measurements}</div>` : null}
${broken.length > 0 ? html`<h3 class="below">Regression prompts that broke</h3>${broken}` : null}
</section>`;
}

function brokenCard({ prompt, expected, base, tuned }: RegressionOutcome): Markup {
  return html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(prompt, charactersMax)}</pre>
<p class="after">The answer ${cut(expected, charactersMax)}.</p></div>
<div class="answers">
${regressionAnswer("before", "works", "right", base.answer)}
${regressionAnswer("after", "broke", "wrong", tuned.answer)}
</div>
</article>`;
}

function regressionAnswer(name: string, word: string, tone: string, text: string): Markup {
  const shown = text === "" ? html`<span class="quiet">(empty)</span>` : cut(text, charactersMax);
  return html`<div><h3>${name}<span class="mark ${tone}">${word}</span></h3><pre>${shown}</pre></div>`;
}
