/** @file The report of a search: verdict first, then chart, budget and evidence. */
import type { Usd } from "@tunewise/core/quantity";
import { rangeChart } from "../charts/range-chart.ts";
import { searchChart } from "../charts/search-chart.ts";
import {
  briefSection,
  code,
  type Document,
  figure,
  list,
  note,
  rows,
  section,
  sections,
  type Tile,
} from "../document/document.ts";
import { table } from "../document/table.ts";
import { instantText, lossText } from "../figure-text.ts";
import type { SearchDocument } from "./search-document.ts";
import * as words from "./search-words.ts";

/** The report as a document. */
export function searchReport(document: SearchDocument): Document {
  const { name, search, model, created, space, defaults, range_test: range } = document;
  const { title, tone } = words.searchTitle(document);
  const rankings = words.rankingTable(document);
  return {
    name,
    about: ["Search ", code(search), " of ", code(model), `, ${instantText(created)}`],
    verdict: { title, sentence: words.searchSentence(document), tone },
    action: null,
    tiles: tiles(document),
    sections: sections(
      briefSection("Best settings and the recipe's own, on test rows", rows(words.finalsTable(document))),
      section("Trials over money", figure(searchChart(document), "", table([], []))),
      briefSection(
        "Range test",
        range && figure(rangeChart(range), "", table([], [])),
        range && note(words.rangeSentence(range)),
      ),
      briefSection(
        "Account",
        rows(words.accountTable(document)),
        note(words.rateSentence(document)),
        rows(words.rungTable(document)),
      ),
      briefSection(
        "What matters",
        rows(words.importanceTable(document)),
        note(words.importanceNote(document)),
      ),
      section(
        "Does less training rank trials as more does?",
        rows(rankings),
        rankings.rows.length > 0 ? note(words.rankingNote) : null,
      ),
      briefSection("Trials", rows(words.trialTable(document))),
      briefSection("What next", list(words.adviceSentences(document))),
      section("Space", list(words.spaceLines(space, defaults))),
      section("Limits", list(words.searchLimits(document))),
    ),
    folded: [],
  };
}

function tiles({
  account,
  rate,
  fidelity,
  finals_micro_usd: finals,
  idle_micro_usd: idle,
  range_test: range,
}: SearchDocument): Tile[] {
  const text = (money: number): string => words.moneyText(money as Usd, rate);
  const before = range?.microUsd ?? 0;
  const after = account.best === null ? "" : ` after ${words.partText(account.best.units, fidelity)}`;
  return [
    {
      value: account.best === null ? "–" : lossText(account.best.value),
      label: `lowest validation loss${after}`,
    },
    { value: String(account.trials), label: "trials" },
    {
      value: text(before + account.spentUsd + idle + finals),
      label: `of ${text(before + account.budgetUsd)} spent`,
    },
    { value: text(Math.max(0, account.savedUsd)), label: "saved by stopping early" },
  ];
}
