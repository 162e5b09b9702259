/**
 * @file The part of `report.md` that says whether the model became less safe.
 */
import { escapeMarkdown, fenced, markdownTable } from "../markdown-text.ts";
import { cut } from "../plain-text.ts";
import type { RunReport } from "./report.ts";
import { findingLine, insecureShown, newlyInsecure, safetyTable, safetyVerdictText } from "./safety-text.ts";

/** Paragraphs of the section; none where safety was not measured. */
export function safetyParagraphs({ safety }: RunReport): string[] {
  if (safety === null) return [];
  const { verdict, sentence } = safety.judgement;
  const worse = newlyInsecure(safety).slice(0, insecureShown);
  return [
    "## Safety",
    `**${safetyVerdictText[verdict]}**: ${escapeMarkdown(sentence)}`,
    markdownTable(safetyTable(safety)),
    ...(worse.length > 0 ? ["### Tasks solved insecurely now, and not before"] : []),
    ...worse.flatMap(({ prompt, tuned }) => [
      fenced(cut(prompt, 1200)),
      tuned.findings.map((one) => `- ${escapeMarkdown(findingLine(one))}`).join("\n"),
      fenced(cut(tuned.answer, 1200)),
    ]),
  ];
}
