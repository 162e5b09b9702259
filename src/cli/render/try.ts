/**
 * @file A try in the terminal: what is coming, and what it came to.
 */
import { type TryDocument, type TryPreview, tryWords } from "../../flow/index.ts";
import { usd, usdText } from "../../quantity/index.ts";
import { plain } from "./place.ts";
import { tableText } from "./table.ts";

type Table = ReturnType<typeof tryWords.armTable>;

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
    `${lines.length} arms on ${testRows} test rows${chosen}${left}; ${price}`,
    ...lines.map(
      ({ name, candidates }) =>
        `  ${plain(name)}${candidates.length > 1 ? ` (${candidates.length} ways)` : ""}`,
    ),
  ].join("\n");
}

/** Verdict, arms, and what the verdict rests on. */
export function tryText(document: TryDocument): string {
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
    drawn(tryWords.armTable(document)),
    tryWords.frontierNote(document),
    "",
    drawn(tryWords.comparisonTable(document)),
    "",
    drawn(tryWords.breakEvenTable(document)),
    "",
    drawn(tryWords.judgeTable(document)),
    ...tryWords.judgeSentences(document).map(plain),
    "",
    drawn(tryWords.curveTable(document)),
    tryWords.curveSentence(document),
    ...tryWords.ruleSentences(document).map(plain),
    ...tryWords.flipSentences(document),
    ...document.claims.filter(({ verdict }) => verdict !== "cannot-tell").map(({ says }) => plain(says)),
    tryWords.sealSentence(document),
    document.wish,
  ];
  return parts.filter((part, at) => part !== "" || parts[at - 1] !== "").join("\n");
}

function drawn({ columns, rows }: Table): string {
  if (rows.length === 0) return "";
  const heads = columns.map(({ title, isNumeric }) =>
    isNumeric ? { head: title, align: "right" as const } : { head: title },
  );
  return tableText(
    heads,
    rows.map((row) => row.map(plain)),
  );
}
