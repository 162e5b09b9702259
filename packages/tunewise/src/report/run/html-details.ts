/** @file The lower half of the page: answers, data, reproduction, limitations. */

import { html, type Markup } from "../markup.ts";
import { cut } from "../plain-text.ts";
import { tableMarkup } from "../table.ts";
import { diffWords } from "../word-diff.ts";
import type { AnswerSample, JudgedAnswer, RunReport } from "./report.ts";
import { factTable, splitTable } from "./report-tables.ts";
import { adapterSentence, diffLegend, traces } from "./sentences.ts";

/** Maximum displayed characters of prompts and answers; the number of omitted ones is shown. */
const charactersMax = 1200;

/** Prompts with the reference and both answers side by side. */
export function sampleSection(samples: readonly AnswerSample[]): Markup | null {
  if (samples.length === 0) return null;
  const cards = samples.map(
    (sample) => html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(sample.prompt, charactersMax)}</pre></div>
<div class="answers">
<div><h3>reference</h3><pre>${cut(sample.reference, charactersMax)}</pre></div>
${sample.base ? answer("base", sample.base, sample.reference) : null}
${answer("tuned", sample.tuned, sample.reference)}
</div>
</article>`,
  );
  const legend = diffLegend("struck out", "underlined");
  return html`<section>
<h2>Answers to test rows</h2>
<p class="quiet">${legend}</p>
${cards}</section>`;
}

function answer(name: string, given: JudgedAnswer, reference: string): Markup {
  const word = given.isRight ? "right" : "wrong";
  const mark = given.isRight === null ? null : html`<span class="mark ${word}">${word}</span>`;
  const parts = diffWords(reference, given.text)?.map(({ kind, text }) => {
    if (kind === "same") return text;
    return kind === "missing" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;
  });
  const text = given.text === "" ? html`<span class="quiet">(empty)</span>` : cut(given.text, charactersMax);
  return html`<div><h3>${name}${mark}</h3><pre>${parts ?? text}</pre></div>`;
}

/** Rows, lengths and findings. */
export function dataSection(report: RunReport): Markup {
  const findings = report.data.findings.map(
    (finding) => html`<li><span class="mark ${finding.severity}">${finding.severity}</span>${finding.detail}
<div class="fix"><code>${finding.code}</code> ${finding.fix && `fix: ${finding.fix}`}</div></li>`,
  );
  const nothing = html`<p class="after">No findings.</p>`;
  return html`<section>
<h2>Data</h2>
<div class="card">${tableMarkup(splitTable(report))}
${findings.length ? html`<ul class="plain">${findings}</ul>` : nothing}</div>
</section>`;
}

/** Adapter, commands, settings, versions, limitations. */
export function endSection(report: RunReport): Markup {
  const { adapter, commands, limits } = report;
  const lines = commands.map(({ purpose, command }) => html`<p>${purpose}</p><pre>${command}</pre>`);
  const notes = limits.map((limit) => html`<li>${limit}</li>`);
  const limitCard = html`<section>
<h2>Limits</h2>
<div class="card"><ul class="plain">${notes}</ul></div>
</section>`;
  const facts = factTable([...report.settings, ...report.versions, ...traces(report)]);
  return html`<section>
<h2>Use and reproduce</h2>
<div class="card commands">
<p>${adapter ? adapterSentence(adapter) : "The run ended without an adapter."}</p>
${lines}</div>
</section>
${limits.length ? limitCard : null}
<section>
<h2>Settings and versions</h2>
<div class="card">${tableMarkup(facts)}</div>
</section>`;
}
