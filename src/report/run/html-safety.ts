/**
 * @file The part of the page that says whether the model became less safe.
 */

import { tableMarkup } from "../html-table.ts";
import { html, type Markup } from "../markup.ts";
import { cut } from "../plain-text.ts";
import type { CodePair, RunReport } from "./report.ts";
import { findingLine, insecureShown, newlyInsecure, safetyTable, safetyVerdictText } from "./safety-text.ts";

/** Longer prompts and answers are cut. */
const charactersMax = 1200;

/** The section; `null` where safety was not measured. */
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
