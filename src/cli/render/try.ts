/** @file A try in the terminal: what is coming, and what it came to. */

import type { TryPreview } from "../../app/baselines/index.ts";
import { countOf, usd, usdText } from "../../quantity/index.ts";
import { type TryDocument, tryWords } from "../../report/index.ts";
import { reportTable } from "./fitted-table.ts";
import { plain } from "./place.ts";

/** What will be tried, on how many rows, for how much. */
export function previewText({ lines, testRows, choosingRows, leaked, usd: money }: TryPreview): string {
  const sweeps = lines.filter(({ candidates }) => candidates.length > 1);
  const chosen =
    sweeps.length === 0 ? "" : `, ${sweeps.length} of them chosen on ${choosingRows} validation rows before`;
  const left = leaked === 0 ? "" : `; ${leaked} leaked test rows left out`;
  const price =
    money.most === 0
      ? "nothing is paid for"
      : `APIs take about ${usdText(usd(money.expected))}, at most ${usdText(usd(money.most))}`;
  return [
    `${countOf(lines.length, "arm")} on ${countOf(testRows, "test row")}${chosen}${left}; ${price}`,
    ...lines.map(
      ({ name, candidates }) =>
        `  ${plain(name)}${candidates.length > 1 ? ` (${candidates.length} ways)` : ""}`,
    ),
  ].join("\n");
}

/** Verdict, arms, and what the verdict rests on. */
export function tryText(document: TryDocument, columns: number = Number.POSITIVE_INFINITY): string {
  const { decision, name } = document;
  const { title } = tryWords.verdictTitle(decision);
  const parts = [
    `${plain(name)}: ${plain(title)}`,
    plain(decision.why),
    ...tryWords.voidSentences(document).map(plain),
    ...document.findings
      .filter(({ code }) => code === "SCORE_CONTRADICTS")
      .map(({ detail }) => `warning: ${plain(detail)}`),
    ...decision.wouldDecide.map((one) => `  would settle it: ${plain(one)}`),
    "",
    reportTable(tryWords.armTable(document), columns),
    tryWords.frontierNote(document),
    "",
    reportTable(tryWords.comparisonTable(document), columns),
    "",
    reportTable(tryWords.breakEvenTable(document), columns),
    "",
    reportTable(tryWords.judgeTable(document), columns),
    ...tryWords.judgeSentences(document).map(plain),
    "",
    reportTable(tryWords.curveTable(document), columns),
    tryWords.curveSentence(document),
    ...tryWords.ruleSentences(document).map(plain),
    ...tryWords.flipSentences(document),
    ...document.claims.filter(({ verdict }) => verdict !== "cannot-tell").map(({ says }) => plain(says)),
    tryWords.sealSentence(document),
    document.wish,
  ];
  return parts.filter((part, at) => part !== "" || parts[at - 1] !== "").join("\n");
}
