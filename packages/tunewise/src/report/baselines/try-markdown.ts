/** @file `report.md` of a try. */
import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { instantText, wholeText } from "../figure-text.ts";
import { code, escapeMarkdown, markdownTable } from "../markdown-text.ts";
import { cut } from "../plain-text.ts";
import type { Table } from "../table.ts";
import { tryActionOf } from "./try-action.ts";
import type { TryDocument } from "./try-document.ts";
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
  priceTable,
  ruleSentences,
  sealSentence,
  sweepTable,
  tookText,
  upkeepTable,
  verdictTitle,
} from "./try-words.ts";

/** Maximum length of displayed questions and answers. */
const maxShown = 400;

/** Renders the report as Markdown. Texts of rows and models are escaped. */
export function tryMarkdown(document: TryDocument): string {
  const { decision, name, run, model, created } = document;
  const { title } = verdictTitle(decision);
  const action = tryActionOf(document);
  const list = (sentences: readonly string[]): string =>
    sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join("\n");
  const section = (head: string, ...parts: readonly string[]): string[] =>
    parts.every((part) => part === "") ? [] : [`## ${head}`, ...parts.filter((part) => part !== "")];
  const parts = [
    `# ${escapeMarkdown(name)}: ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(decision.why)}**`,
    `**${escapeMarkdown(action.title)}**: ${escapeMarkdown(action.sentence)} ${code(action.command)}`,
    `Try ${code(run)} of ${code(model)}, ${escapeMarkdown(instantText(created))}, on ${wholeText(document.test_rows)} test rows.`,
    ...section("Invalid", list(invalidSentences(document))),
    ...section(
      "What was compared",
      drawn(armTable(document)),
      escapeMarkdown(frontierNote(document)),
      drawn(priceTable(document)),
      drawn(upkeepTable(document)),
    ),
    ...section("What would settle it", list(decision.wouldDecide)),
    ...section("What led to this", list(ruleSentences(document))),
    ...section("Against each other", drawn(comparisonTable(document))),
    ...section("When training pays", drawn(breakEvenTable(document)), list(flipSentences(document))),
    ...section("Verdicts of the judge", drawn(judgeTable(document)), list(judgeSentences(document))),
    ...section("More training rows", drawn(curveTable(document)), escapeMarkdown(curveSentence(document))),
    ...section("Two common claims, checked here", list(document.claims.map(({ says }) => says))),
    ...section("How examples and passages were chosen", drawn(sweepTable(document))),
    ...section(
      "Basis of the decision",
      escapeMarkdown(sealSentence(document)),
      escapeMarkdown(document.wish),
    ),
    ...section("What it took", list(document.arms.map(tookText)), escapeMarkdown(tookAll(document))),
    ...section("Findings", list(document.findings.map(({ code: found, detail }) => `${found}: ${detail}`))),
    ...section("Where they differ", document.split.map(splitText).join("\n\n")),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Time and cost of the try. */
export function tookAll({ took, machine, apis }: TryDocument): string {
  const price = `machine at ${usdText((1e6 * machine.usd_per_hour) as Usd)} an hour`;
  const foreseen = `about ${usdText(apis.expected as Usd)}, at most ${usdText(apis.most as Usd)}, were foreseen`;
  const paid = apis.most + apis.paid > 0 ? ` APIs took ${exactUsd(apis.paid)}; ${foreseen}.` : "";
  return `In all ${secondsText(seconds(took.seconds))} and ${exactUsd(took.micro_usd)}, ${price}.${paid}`;
}

/** `$0.0123`: exact to the micro-dollar, to match the ledger. */
function exactUsd(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(6).replace(/0{1,4}$/, "")}`;
}

function drawn(one: Table): string {
  return one.rows.length === 0 ? "" : markdownTable(one);
}

function splitText({ question, reference, answers }: TryDocument["split"][number]): string {
  const line = (name: string, text: string): string =>
    `- ${escapeMarkdown(name)}: ${escapeMarkdown(cut(text, maxShown))}`;
  return [
    `${escapeMarkdown(cut(question, maxShown))}`,
    [line("reference", reference), ...Object.entries(answers).map(([arm, text]) => line(arm, text))].join(
      "\n",
    ),
  ].join("\n\n");
}
