/** @file `report.html` of a search: verdict first, then chart, budget and evidence. */
import type { Usd } from "@tunewise/core/quantity";
import { rangeChart } from "../charts/range-chart.ts";
import { searchChart } from "../charts/search-chart.ts";
import { instantText, lossText } from "../figure-text.ts";
import { html, type Markup } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { type Table, tableMarkup } from "../table.ts";
import type { SearchDocument } from "./search-document.ts";
import { importanceNote, rankingNote, rateSentence, searchLimits } from "./search-markdown.ts";
import {
  accountTable,
  adviceSentences,
  finalsTable,
  importanceTable,
  moneyText,
  partText,
  rangeSentence,
  rankingTable,
  rungTable,
  searchSentence,
  searchTitle,
  spaceLines,
  trialTable,
} from "./search-words.ts";

/** Renders the page. */
export function searchHtml(document: SearchDocument): string {
  const { name, search, model, created } = document;
  const { title, tone } = searchTitle(document);
  const about = html`Search <code>${search}</code> of <code>${model}</code>, ${instantText(created)}`;
  const judgement = { title, sentence: searchSentence(document), tone };
  return pageHtml({ name, about, judgement, tiles: tiles(document) }, sections(document), null);
}

/** Label of a loss after a fraction of the training. */
function lossLabel({ account, fidelity }: SearchDocument): string {
  const after = account.best === null ? "" : ` after ${partText(account.best.units, fidelity)}`;
  return `lowest validation loss${after}`;
}

function tiles(document: SearchDocument): Markup {
  const { account, rate, finals_micro_usd: finals, idle_micro_usd: idle, range_test: range } = document;
  const tile = (value: string, words: string): Markup =>
    html`<div class="card tile"><b>${value}</b><span>${words}</span></div>`;
  const before = range?.microUsd ?? 0;
  const spent = moneyText((before + account.spentUsd + idle + finals) as Usd, rate);
  return html`<div class="tiles">
${tile(account.best === null ? "–" : lossText(account.best.value), lossLabel(document))}
${tile(String(account.trials), "trials")}
${tile(spent, `of ${moneyText((before + account.budgetUsd) as Usd, rate)} spent`)}
${tile(moneyText(Math.max(0, account.savedUsd) as Usd, rate), "saved by stopping early")}
</div>`;
}

function sections(document: SearchDocument): Markup {
  const { space, defaults, range_test: range } = document;
  return html`
${section("Best settings and the recipe's own, on test rows", [drawn(finalsTable(document))])}
${section("Trials over money", [searchChart(document)])}
${range && section("Range test", [rangeChart(range), note(rangeSentence(range))])}
${section("Account", [drawn(accountTable(document)), note(rateSentence(document)), drawn(rungTable(document))])}
${section("What matters", [drawn(importanceTable(document)), note(importanceNote(document))])}
${section("Does less training rank trials as more does?", rankingParts(document))}
${section("What next", [list(adviceSentences(document))])}
${section("Trials", [drawn(trialTable(document))])}
${section("Space", [list(spaceLines(space, defaults))])}
${section("Limits", [list(searchLimits(document))])}`;
}

function section(head: string, parts: readonly (Markup | null)[]): Markup | null {
  const there = parts.filter((part) => part !== null);
  return there.length === 0 ? null : html`<h2>${head}</h2><div class="card">${there}</div>`;
}

function rankingParts(document: SearchDocument): readonly (Markup | null)[] {
  const found = drawn(rankingTable(document));
  return found === null ? [] : [found, note(rankingNote)];
}

function drawn(one: Table): Markup | null {
  return one.rows.length === 0 ? null : tableMarkup(one);
}

function list(lines: readonly string[]): Markup {
  return html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function note(text: string): Markup {
  return html`<p class="after">${text}</p>`;
}
