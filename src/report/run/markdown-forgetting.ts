/**
 * @file The part of `report.md` that says what the model forgot.
 */
import type { RegressionOutcome } from "../../evaluate/index.ts";
import { code, escapeMarkdown, fenced, markdownTable } from "../markdown-text.ts";
import { cut } from "../plain-text.ts";
import {
  forgettingAdvice,
  forgettingNotes,
  forgettingTable,
  lookTable,
  verdictText,
} from "./forgetting-text.ts";
import { brokenShown } from "./html-forgetting.ts";
import type { RunReport } from "./report.ts";

/** Paragraphs of the section; none where forgetting was not measured. */
export function forgettingParagraphs({ forgetting, curves }: RunReport): string[] {
  if (forgetting === null) return [];
  const { judgement, musts, curve } = forgetting;
  const validation = new Map(curves.validation.map(({ step, loss }) => [step, loss]));
  const broken = musts?.broken ?? [];
  const [before, line, after] = forgettingAdvice;
  return [
    "## What it forgot",
    `**${verdictText[judgement.verdict]}**: ${escapeMarkdown(judgement.sentence)}`,
    markdownTable(forgettingTable(forgetting)),
    ...forgettingNotes(forgetting).map(escapeMarkdown),
    ...(judgement.verdict === "fail" ? [`${before}${code(line)}${after}`] : []),
    ...(curve.length > 0
      ? ["Looks at a small sample during training:", markdownTable(lookTable(forgetting, validation))]
      : []),
    ...(broken.length > 0 ? ["### Prompts that must still work and broke"] : []),
    ...broken.slice(0, brokenShown).flatMap(brokenParagraphs),
  ];
}

function brokenParagraphs({ prompt, expected, base, tuned }: RegressionOutcome): string[] {
  return [
    fenced(cut(prompt, 1200)),
    `The answer ${escapeMarkdown(cut(expected, 1200))}.`,
    "before (works)",
    fenced(cut(base.answer, 1200)),
    "after (broke)",
    fenced(cut(tuned.answer, 1200)),
  ];
}
