/** @file The document of a data view: the summary of a split, and a row with its trained tokens marked. */
import { countOf } from "@tunewise/core/quantity";
import {
  briefSection,
  type Document,
  list,
  note,
  rows,
  type Section,
  sections,
  type Tile,
} from "../document/document.ts";
import { table } from "../document/table.ts";
import { percent, wholeText } from "../figure-text.ts";
import type { RefusedRow, RowsView, ShownRow, SplitSummary } from "./rows-view.ts";

const legend = [
  "Trained tokens are between \u27e6 and \u27e7, and underlined in the page; a row is cut at \u2702.",
  "\u23ce is a line end, \u21e5 a tab, \u2423 a space that is easy to overlook.",
].join(" ");

/** The view as a document. */
export function dataReport({ file, model, split, maxLength, summary, row }: RowsView): Document {
  const isRefused = "error" in row;
  return {
    name: file,
    about: `${split} rows as ${model} is trained on them, at most ${maxLength} tokens each${dividedText(row, summary)}`,
    verdict: isRefused ? refusedVerdict(row) : rowVerdict(row, maxLength),
    action: null,
    tiles: isRefused ? [] : rowTiles(row),
    sections: sections(
      ...(summary === null ? [] : summarySections(summary)),
      ...(isRefused ? [] : rowSections(row)),
    ),
    folded: [],
  };
}

/** What happens to longer rows, if they are documents. */
function dividedText(row: ShownRow | RefusedRow, summary: SplitSummary | null): string {
  const areDocuments = ("blocks" in row && row.blocks !== null) || (summary?.statistics.documents ?? 0) > 0;
  return areDocuments ? "; longer documents become several blocks" : "";
}

function rowVerdict({ row, place, isUsed, ...shown }: ShownRow, maxLength: number): Document["verdict"] {
  const total = shown.tokens.length;
  const cut =
    shown.cutTokens === 0 ? "" : `; ${countOf(shown.cutTokens, "token")} beyond ${maxLength} are cut`;
  return {
    title: isUsed ? `Row ${row} is trained` : `Row ${row} is dropped`,
    sentence: `${place}: ${shown.trainedTokens} of ${countOf(total, "token")} are trained${cut}${blocksText(shown.blocks)}.`,
    tone: !isUsed ? "bad" : shown.cutTokens > 0 || shown.warnings.length > 0 ? "open" : "good",
  };
}

function blocksText(blocks: number | null): string {
  return blocks === null ? "" : `, as a document in ${countOf(blocks, "block")}`;
}

function refusedVerdict({ row, place, code, message, error, fix }: RefusedRow): Document["verdict"] {
  const at = message === null ? "" : `, message ${message}`;
  return {
    title: `Row ${row} cannot be used`,
    sentence: `${place}${at}: ${error} (${code}). Fix: ${fix}.`,
    tone: "bad",
  };
}

function rowTiles({ tokens, trainedTokens, cutTokens, answerTokens, blocks }: ShownRow): Tile[] {
  const counts: Tile[] = [
    { value: wholeText(tokens.length), label: "tokens" },
    { value: wholeText(trainedTokens), label: "trained", share: trainedTokens / Math.max(1, tokens.length) },
  ];
  if (blocks !== null) return [...counts, { value: wholeText(blocks), label: "blocks" }];
  return [
    ...counts,
    { value: wholeText(answerTokens), label: "tokens of the last answer" },
    { value: wholeText(cutTokens), label: "cut by max_length" },
  ];
}

function rowSections({ tokens, turns, warnings }: ShownRow): Section[] {
  return [
    briefSection("Tokens", { kind: "tokens", tokens }, note(legend)),
    briefSection(
      "Turns",
      rows(
        table(
          ["#turn", "role", "trained", "why"],
          turns.map(({ number, role, isTrained, why }) => [
            String(number),
            role,
            isTrained ? "yes" : "no",
            why,
          ]),
        ),
      ),
    ),
    briefSection("Warnings", list(warnings.map(({ code, reason }) => `${code}: ${reason}`))),
  ];
}

function summarySections({
  read,
  unusable,
  elsewhere,
  statistics,
  untrained,
  ...summary
}: SplitSummary): Section[] {
  const { dropped, tokens, labelledTokens, documents } = statistics;
  const counts: [string, number][] = [
    ["read", read],
    ["unusable", unusable],
    ["in another split, or beyond data.rows", elsewhere],
    ...(documents > 0
      ? (
          [
            ["without two tokens", statistics.unusable],
            ["trained documents", documents],
            ["blocks of these", statistics.rows],
          ] as const
        ).map(([name, count]): [string, number] => [name, count])
      : (
          [
            ["refused by the chat template", statistics.unusable],
            ["dropped because of their length", dropped],
            ["without a trained token", untrained],
            ["trained", statistics.rows - untrained],
          ] as const
        ).map(([name, count]): [string, number] => [name, count])),
  ];
  const share = tokens === 0 ? 0 : labelledTokens / tokens;
  return [
    briefSection(
      "Rows",
      rows(
        table(
          ["", "#rows"],
          counts.map(([name, count]) => [name, wholeText(count)]),
        ),
      ),
      note(`${percent(share)} % of ${countOf(tokens, "token")} are trained.`),
    ),
    briefSection(
      "Longest rows",
      rows(
        table(
          ["#row", "#tokens"],
          summary.longest.map((one) => [String(one.row), wholeText(one.tokens)]),
        ),
      ),
    ),
    briefSection(
      "Findings",
      list(
        summary.findings.map(({ code, severity, detail, fix }) => ({
          text: `${code}: ${detail}`,
          mark: { word: severity, kind: severity },
          below: `Fix: ${fix}`,
        })),
      ),
    ),
  ];
}
