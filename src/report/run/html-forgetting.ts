/** @file The section on forgetting in `report.html`. */
import type { RegressionOutcome } from "../../evaluate/index.ts";
import { forgettingChart } from "../charts/forgetting-chart.ts";
import { tableMarkup } from "../html-table.ts";
import { html, type Markup } from "../markup.ts";
import { cut } from "../plain-text.ts";
import {
  forgettingAdvice,
  forgettingNotes,
  forgettingTable,
  lookTable,
  verdictText,
} from "./forgetting-text.ts";
import type { RunReport } from "./report.ts";

/** Maximum displayed characters of prompts and answers. */
const charactersMax = 1200;
/** Maximum number of displayed regressions; `forgetting.json` of the run has all. */
export const brokenShown = 8;

/** The section; `null` if forgetting was not measured. */
export function forgettingSection({ forgetting, curves }: RunReport): Markup | null {
  if (forgetting === null) return null;
  const { judgement, musts } = forgetting;
  const notes = forgettingNotes(forgetting).map((note) => html`<p class="after">${note}</p>`);
  const [before, line, after] = forgettingAdvice;
  const advice =
    judgement.verdict === "fail" ? html`<p class="after">${before}<code>${line}</code>${after}</p>` : null;
  const { verdict } = judgement;
  const mark = html`<span class="mark ${verdict}">${verdictText[verdict]}</span>`;
  const chart = forgettingChart(forgetting, curves);
  const validation = new Map(curves.validation.map(({ step, loss }) => [step, loss]));
  const looks = html`<details><summary>The looks as a table</summary>
${tableMarkup(lookTable(forgetting, validation))}</details>`;
  const broken = (musts?.broken ?? []).slice(0, brokenShown).map(brokenCard);
  return html`<section>
<h2>What it forgot</h2>
<div class="card"><p>${mark}${judgement.sentence}</p>
${tableMarkup(forgettingTable(forgetting))}${notes}${advice}</div>
${chart ? html`<div class="card below">${chart}${looks}</div>` : null}
${broken.length > 0 ? html`<h3 class="below">Prompts that must still work and broke</h3>${broken}` : null}
</section>`;
}

function brokenCard({ prompt, expected, base, tuned }: RegressionOutcome): Markup {
  return html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(prompt, charactersMax)}</pre>
<p class="after">The answer ${cut(expected, charactersMax)}.</p></div>
<div class="answers">
${answer("before", "works", "right", base.answer)}
${answer("after", "broke", "wrong", tuned.answer)}
</div>
</article>`;
}

function answer(name: string, word: string, tone: string, text: string): Markup {
  const shown = text === "" ? html`<span class="quiet">(empty)</span>` : cut(text, charactersMax);
  return html`<div><h3>${name}<span class="mark ${tone}">${word}</span></h3><pre>${shown}</pre></div>`;
}
