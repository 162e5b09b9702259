/** @file `report.html` of a try: verdict first, then the arms, then the evidence. */
import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { frontierChart } from "../charts/frontier-chart.ts";
import { instantText, wholeText } from "../figure-text.ts";
import { html, type Markup } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { cut } from "../plain-text.ts";
import { actionTones } from "../run/action.ts";
import { type Table, table, tableMarkup } from "../table.ts";
import { armCosts } from "./costs.ts";
import { tryActionOf } from "./try-action.ts";
import type { TryDocument } from "./try-document.ts";
import { tookAll } from "./try-markdown.ts";
import {
  armTable,
  breakEvenTable,
  comparisonTable,
  curveSentence,
  curveTable,
  flipSentences,
  frontierNote,
  invalidSentences,
  judgeSentences,
  judgeTable,
  percentText,
  priceTable,
  ruleSentences,
  sealSentence,
  sweepTable,
  tookText,
  upkeepTable,
  verdictTitle,
} from "./try-words.ts";

/** Maximum length of displayed questions and answers. */
const maxShown = 600;

/** Renders the page. */
export function tryHtml(document: TryDocument): string {
  const { decision, name, run, model, created } = document;
  const { title } = verdictTitle(decision);
  const action = tryActionOf(document);
  const when = `${instantText(created)}, on ${wholeText(document.test_rows)} test rows`;
  const about = html`Try <code>${run}</code> of <code>${model}</code>, ${when}`;
  const judgement = { title, sentence: decision.why, tone: actionTones[action.kind] };
  return pageHtml({ name, about, judgement, action, tiles: tiles(document) }, sections(document), null);
}

function tiles(document: TryDocument): Markup {
  const { decision, took, metric } = document;
  const [best] = [...decision.table].sort((a, b) => b.quality - a.quality);
  const chosen = decision.table.find(({ name }) => name === decision.arm) ?? best;
  const tile = (value: string, words: string): Markup =>
    html`<div class="card tile"><b>${value}</b><span>${words}</span></div>`;
  return html`<div class="tiles">
${tile(chosen ? percentText(chosen.quality) : "-", `${metric}, ${chosen?.name ?? "no arm"}`)}
${tile(String(document.arms.length), "ways compared on the same rows")}
${tile(secondsText(seconds(took.seconds)), "to try them")}
${tile(usdText(took.micro_usd as Usd), "spent on it")}
</div>`;
}

function sections(document: TryDocument): Markup {
  const { decision } = document;
  return html`
${section("Invalid", [list(invalidSentences(document))])}
${section("What was compared", [frontierChart(document), drawn(armTable(document)), note(frontierNote(document))])}
${section(priceHead(document), [drawn(priceTable(document)), drawn(upkeepTable(document))])}
${section("What would settle it", [list(decision.wouldDecide)])}
${section("What led to this", [list(ruleSentences(document))])}
${section("Against each other", [drawn(comparisonTable(document))])}
${section("When training pays", [drawn(breakEvenTable(document)), list(flipSentences(document))])}
${section("Verdicts of the judge", [drawn(judgeTable(document)), list(judgeSentences(document))])}
${section("More training rows", [drawn(curveTable(document)), note(curveSentence(document))])}
${section("Two common claims, checked here", [list(document.claims.map(({ says }) => says))])}
${section("How examples and passages were chosen", [drawn(sweepTable(document))])}
${section("Basis of the decision", [html`<p>${sealSentence(document)}</p>`, html`<p>${document.wish}</p>`])}
${section("Where they differ", document.split.map(splitMarkup))}
${section("Findings", [list(document.findings.map(({ code, detail }) => `${code}: ${detail}`))])}
${section("What it took", [list(document.arms.map(tookText)), note(tookAll(document))])}`;
}

/** Header of the table of prices, or of times without prices. */
export function priceHead(document: TryDocument): string {
  return armCosts(document).unit === "time" ? "Waiting for an answer, and upkeep" : "Prices and upkeep";
}

function section(head: string, parts: readonly (Markup | null)[]): Markup | null {
  const there = parts.filter((part) => part !== null && part.markup !== "");
  return there.length === 0 ? null : html`<h2>${head}</h2><div class="card">${there}</div>`;
}

function drawn(one: Table): Markup | null {
  return one.rows.length === 0 ? null : tableMarkup(one);
}

function list(sentences: readonly string[]): Markup | null {
  return sentences.length === 0 ? null : html`<ul>${sentences.map((one) => html`<li>${one}</li>`)}</ul>`;
}

function note(text: string): Markup | null {
  return text === "" ? null : html`<p class="after">${text}</p>`;
}

function splitMarkup({ question, reference, answers }: TryDocument["split"][number]): Markup {
  const rows = [["reference", reference], ...Object.entries(answers)].map(([who = "", text = ""]) => [
    who,
    cut(text, maxShown),
  ]);
  return html`<details><summary>${cut(question, maxShown)}</summary>${tableMarkup(table(["", ""], rows))}</details>`;
}
