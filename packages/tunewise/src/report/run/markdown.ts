/** @file `report.md`: the report for pull requests and mail. */

import { speakerText } from "@tunewise/core/run";
import type { RegressionOutcome } from "../../evaluate/index.ts";
import { instantText, lossText, wholeText } from "../figure-text.ts";
import { code, escapeMarkdown, fenced, markdownTable } from "../markdown-text.ts";
import { cut } from "../plain-text.ts";
import { diffWords } from "../word-diff.ts";
import { actionOf } from "./action.ts";
import {
  brokenShown,
  forgettingAdvice,
  forgettingNotes,
  forgettingTable,
  measurementTable,
  verdictText,
} from "./forgetting-text.ts";
import { judgeRun } from "./judgement.ts";
import { confusedPairsTable, confusionTable, labelSentence, labelTableOf } from "./label-text.ts";
import type { AnswerSample, JudgedAnswer, RunReport } from "./report.ts";
import { curveTable, factTable, figureTable, pairedNotes, scoreTable, splitTable } from "./report-tables.ts";
import {
  findingLine,
  insecureShown,
  isGrave,
  newlyInsecure,
  safetyTable,
  safetyVerdictText,
  scannerSentences,
} from "./safety-text.ts";
import {
  adapterSentence,
  budgetSentence,
  diffLegend,
  findingSentence,
  memorizationSentence,
  memorizationTable,
  traces,
} from "./sentences.ts";
import { trivialTable } from "./trivial-text.ts";

/** Renders the report as Markdown. Texts of the run are escaped. */
export function reportMarkdown(report: RunReport): string {
  const judgement = judgeRun(report);
  const action = actionOf(report, judgement);
  const { run } = report;
  const made = escapeMarkdown(instantText(run.createdAt));
  const sections = [
    `# ${escapeMarkdown(run.name)}: ${judgement.title.toLowerCase()}`,
    `**${escapeMarkdown(`${action.title}. ${action.sentence}`)}**`,
    fenced(action.command),
    escapeMarkdown(judgement.sentence),
    `Run ${code(run.id)} of ${code(run.model)} (${code(run.modelRevision)}), ${made}.`,
    ...scoreSection(report),
    "## Planned and actual",
    markdownTable(figureTable(report)),
    budgetSentence(report.budget),
    ...report.guards.map(
      ({ step, verdict }) =>
        `- step ${step}, ${escapeMarkdown(`${speakerText(verdict.guard)}: ${verdict.sentence}`)}`,
    ),
    ...curveSection(report),
    ...forgettingParagraphs(report),
    ...safetyParagraphs(report),
    ...(report.memorization
      ? [
          "## Memorization",
          markdownTable(memorizationTable(report.memorization)),
          escapeMarkdown(memorizationSentence(report.memorization)),
        ]
      : []),
    ...dataSection(report),
    ...sampleSection(report.samples),
    ...endSection(report),
  ];
  return `${sections.join("\n\n")}\n`;
}

function scoreSection(report: RunReport): string[] {
  if (report.scores.length === 0) return [];
  const notes = pairedNotes(report.scores).map((note) => escapeMarkdown(note));
  const trivial = trivialTable(report.scores);
  return [
    ...["## Base beside tuned", markdownTable(scoreTable(report.scores)), ...notes],
    ...(trivial.rows.length > 0 ? ["## Answers without a model", markdownTable(trivial)] : []),
    ...labelParagraphs(report),
  ];
}

function labelParagraphs({ labels }: RunReport): string[] {
  if (!labels) return [];
  const matrix = confusionTable(labels.tuned);
  const mixUps =
    labels.tuned.confusions.length > 0 && matrix === null ? confusedPairsTable(labels.tuned) : null;
  return [
    ...["## Labels", escapeMarkdown(labelSentence(labels)), markdownTable(labelTableOf(labels))],
    ...(matrix ? ["Confusion matrix of the tuned model:", markdownTable(matrix)] : []),
    ...(mixUps ? ["Most frequent confusions of the tuned model:", markdownTable(mixUps)] : []),
  ];
}

function curveSection(report: RunReport): string[] {
  const { train, keptStep } = report.curves;
  if (train.length === 0) return [];
  const [first, last] = [train.at(0), train.at(-1)].map((point) => lossText(point?.loss ?? 0));
  const ends = `Training loss from ${first} to ${last} nats per token.`;
  const kept = keptStep === null ? "" : ` The adapter of step ${wholeText(keptStep)} was kept.`;
  return ["## Loss", ends + kept, markdownTable(curveTable(report))];
}

function dataSection(report: RunReport): string[] {
  const findings = report.data.findings.map(
    (finding) => `- ${finding.severity} ${code(finding.code)}: ${escapeMarkdown(findingSentence(finding))}`,
  );
  return ["## Data", markdownTable(splitTable(report)), ...(findings.length ? [findings.join("\n")] : [])];
}

function sampleSection(samples: readonly AnswerSample[]): string[] {
  if (samples.length === 0) return [];
  const cards = samples.map((sample, i) => {
    const answers = [
      sample.base ? answerBlock("base", sample.base, sample.reference) : "",
      answerBlock("tuned", sample.tuned, sample.reference),
    ];
    const [prompt, reference] = [cut(sample.prompt, 1200), cut(sample.reference, 1200)];
    const parts = [`### Row ${i + 1}`, "prompt", fenced(prompt), "reference", fenced(reference), ...answers];
    return parts.filter((part) => part !== "").join("\n\n");
  });
  return ["## Answers", diffLegend("[-missing-]", "{+added+}"), ...cards];
}

function answerBlock(name: string, answer: JudgedAnswer, reference: string): string {
  const mark = answer.isRight === null ? "" : answer.isRight ? " (right)" : " (wrong)";
  const marked = diffWords(reference, answer.text)
    ?.map(({ kind, text }) => (kind === "same" ? text : kind === "missing" ? `[-${text}-]` : `{+${text}+}`))
    .join("");
  return `${name}${mark}\n\n${fenced(cut(marked ?? answer.text, 1200))}`;
}

function endSection(report: RunReport): string[] {
  const { adapter, commands, limits } = report;
  const steps = commands.flatMap(({ purpose, command }) => [`${escapeMarkdown(purpose)}:`, fenced(command)]);
  return [
    "## Reproduce",
    adapter ? escapeMarkdown(adapterSentence(adapter)) : "The run ended without an adapter.",
    ...steps,
    markdownTable(factTable(report.settings)),
    markdownTable(factTable([...report.versions, ...traces(report)])),
    ...(limits.length ? ["## Limits", limits.map((limit) => `- ${escapeMarkdown(limit)}`).join("\n")] : []),
  ];
}

/** Paragraphs on forgetting; none if it was not measured. */
export function forgettingParagraphs({ forgetting, curves }: RunReport): string[] {
  if (forgetting === null) return [];
  const { judgement, regressionPrompts, curve } = forgetting;
  const validation = new Map(curves.validation.map(({ step, loss }) => [step, loss]));
  const broken = regressionPrompts?.broken ?? [];
  const [before, line, after] = forgettingAdvice;
  return [
    "## Forgetting",
    `**${verdictText[judgement.verdict]}**: ${escapeMarkdown(judgement.sentence)}`,
    markdownTable(forgettingTable(forgetting)),
    ...forgettingNotes(forgetting).map(escapeMarkdown),
    ...(judgement.verdict === "fail" ? [`${before}${code(line)}${after}`] : []),
    ...(curve.length > 0
      ? ["Looks at a small sample during training:", markdownTable(measurementTable(forgetting, validation))]
      : []),
    ...(broken.length > 0 ? ["### Regression prompts that broke"] : []),
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

/** Paragraphs on safety; none if it was not measured. */
export function safetyParagraphs({ safety }: RunReport): string[] {
  if (safety === null) return [];
  const { verdict, sentence } = safety.judgement;
  const worse = newlyInsecure(safety).slice(0, insecureShown);
  return [
    "## Safety",
    `**${safetyVerdictText[verdict]}**: ${escapeMarkdown(sentence)}`,
    markdownTable(safetyTable(safety)),
    ...scannerSentences(safety).map(escapeMarkdown),
    ...(worse.length > 0 ? ["### Tasks solved insecurely now, and not before"] : []),
    ...worse.flatMap(({ prompt, tuned }) => [
      fenced(cut(prompt, 1200)),
      tuned.findings
        .filter(isGrave)
        .map((one) => `- ${escapeMarkdown(findingLine(one))}`)
        .join("\n"),
      fenced(cut(tuned.answer, 1200)),
    ]),
  ];
}
