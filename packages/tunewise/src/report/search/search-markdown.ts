/** @file `report.md` of a search. */
import { countOf, type Usd } from "@tunewise/core/quantity";
import { instantText } from "../figure-text.ts";
import { code, escapeMarkdown, markdownTable } from "../markdown-text.ts";
import type { Table } from "../table.ts";
import type { SearchDocument } from "./search-document.ts";
import {
  accountTable,
  adviceSentences,
  finalsTable,
  importanceTable,
  moneyText,
  rangeSentence,
  rankingTable,
  rungTable,
  searchSentence,
  searchTitle,
  spaceLines,
  trialTable,
} from "./search-words.ts";

/** Renders the report as Markdown. Texts of recipes are escaped. */
export function searchMarkdown(document: SearchDocument): string {
  const { name, search, model, created, space, defaults, range_test: range } = document;
  const section = (head: string, ...parts: readonly string[]): string[] =>
    parts.every((part) => part === "") ? [] : [`## ${head}`, ...parts.filter((part) => part !== "")];
  const list = (lines: readonly string[]): string =>
    lines.map((line) => `- ${escapeMarkdown(line)}`).join("\n");
  const parts = [
    `# ${escapeMarkdown(name)}: ${escapeMarkdown(searchTitle(document).title)}`,
    `**${escapeMarkdown(searchSentence(document))}**`,
    `Search ${code(search)} of ${code(model)}, ${escapeMarkdown(instantText(created))}.`,
    ...section("Best settings and the recipe's own", drawn(finalsTable(document))),
    ...(range === null ? [] : section("Range test", escapeMarkdown(rangeSentence(range)))),
    ...section(
      "Account",
      drawn(accountTable(document)),
      escapeMarkdown(rateSentence(document)),
      drawn(rungTable(document)),
    ),
    ...section("What matters", drawn(importanceTable(document)), escapeMarkdown(importanceNote(document))),
    ...(document.account.rankings.length === 0
      ? []
      : section("Does less training rank trials as more does?", drawn(rankingTable(document)), rankingNote)),
    ...section("What next", list(adviceSentences(document))),
    ...section("Trials", drawn(trialTable(document))),
    ...section("Space", list(spaceLines(space, defaults))),
    ...section("Limits", list(searchLimits(document))),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Price of the machine. */
export function rateSentence({ rate, price_source: source, parallel }: SearchDocument): string {
  const shared =
    parallel > 1
      ? ` ${countOf(parallel, "trial")} at the same time shared it, and each counts its part.`
      : "";
  if (!rate.isMoney)
    return `The machine's price is set to $0 per hour, so time is counted in place of money.${shared}`;
  return `The machine costs ${moneyText(rate.usdPerHour as Usd, rate)} an hour${source === "" ? "" : ` (${source})`}.${shared}`;
}

/** How to read rank agreement. */
export const rankingNote =
  "1: the same order, 0: none, -1: turned round; 0.5 is three of four pairs. Only trials that went on have both results, and they are the closest ones.";

/** How to read importance. */
export function importanceNote({ account }: SearchDocument): string {
  return account.importance.length === 0
    ? "There are too few results to say how much each setting matters."
    : "Shares need not add up: what settings do only together belongs to none.";
}

/** Limitations of the result. */
export function searchLimits({ validation_rows: rows, finals, fidelity }: SearchDocument): string[] {
  return [
    `Trials were compared by their loss on ${rows} validation rows; the best of many appears better there than it is.`,
    fidelity === "steps"
      ? "Trials that were stopped early could have won later: a slow start is not seen."
      : "Trials were compared on slices of the rows first: what is best there need not be best on all rows.",
    ...(finals === null || finals.own === null
      ? []
      : ["Both final runs have one seed: another seed would move each of them."]),
  ];
}

function drawn(one: Table): string {
  return one.rows.length === 0 ? "" : markdownTable(one);
}
