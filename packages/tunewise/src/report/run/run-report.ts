/**
 * @file The report of a run. Every section of a run's report is a row in `runReport`, with its chart of `charts/` if it
 * has one.
 */
import { bytesText, countOf, dollars, secondsText, usdText } from "@tunewise/core/quantity";
import { speakerText } from "@tunewise/core/run";
import { metricKinds, type RegressionOutcome } from "../../evaluate/index.ts";
import { forgettingChart } from "../charts/forgetting-chart.ts";
import { lossChart } from "../charts/loss-chart.ts";
import { scoreChart } from "../charts/score-chart.ts";
import {
  type Answer,
  type Block,
  code,
  type Document,
  figure,
  list,
  note,
  rows,
  type Sample,
  type Section,
  section,
  sections,
  sentence,
  type Tile,
} from "../document/document.ts";
import { instantText, lossText, scoreText, wholeText } from "../figure-text.ts";
import { diffWords } from "../word-diff.ts";
import { actionOf, actionTones } from "./action.ts";
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
import type { AnswerSample, CodePair, JudgedAnswer, RunReport } from "./report.ts";
import { curveTable, figureTable, pairedNotes, scoreTable, splitTable } from "./report-tables.ts";
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
  isUnpriced,
  memorizationSentence,
  memorizationTable,
  traces,
} from "./sentences.ts";
import { trivialBar, trivialTable, trivialTitle } from "./trivial-text.ts";

/** The report as a document. */
export function runReport(report: RunReport): Document {
  const { run, limits, settings, versions } = report;
  const judgement = judgeRun(report);
  const action = actionOf(report, judgement);
  const revision = [" (", code(run.modelRevision), ")"];
  return {
    name: run.name,
    about: ["Run ", code(run.id), " of ", code(run.model), ...revision, `, ${instantText(run.createdAt)}`],
    verdict: { ...judgement, tone: actionTones[action.kind] },
    action,
    tiles: [scoreTile(report), timeTile(report), costTile(report), memoryTile(report)],
    sections: sections(scoreSection(report)),
    folded: sections(
      planSection(report),
      lossSection(report),
      labelSection(report),
      forgettingSection(report),
      safetySection(report),
      memorizationSection(report),
      section("Answers to test rows", samples("", report.samples.map(sampleOf))),
      dataSection(report),
      useSection(report),
      section("Limits", list(limits)),
      section("Settings and versions", {
        kind: "facts",
        facts: [...settings, ...versions, ...traces(report)],
      }),
    ),
  };
}

function samples(title: string, shown: readonly Sample[]): Block {
  return { kind: "samples", title, samples: shown };
}

function scoreSection({ scores }: RunReport): Section {
  const trivial = trivialTable(scores);
  return section(
    "Base beside tuned, on the test rows",
    figure(
      scoreChart(scores),
      "The figures as a table",
      scores.length === 0 ? { columns: [], rows: [] } : scoreTable(scores),
    ),
    ...pairedNotes(scores).map(note),
    ...(trivial.rows.length === 0
      ? []
      : [{ kind: "heading", title: "Answers without a model, on the same rows" } as const, rows(trivial)]),
  );
}

function planSection(report: RunReport): Section {
  const guards = report.guards.map(({ step, verdict }) => ({
    text: `step ${step}, ${speakerText(verdict.guard)}: ${verdict.sentence}`,
    mark: { word: verdict.act, kind: verdict.act },
  }));
  return section(
    "Planned and actual",
    rows(figureTable(report)),
    note(budgetSentence(report.budget)),
    list(guards),
  );
}

function lossSection(report: RunReport): Section {
  const { train, validation, keptStep } = report.curves;
  const chart = lossChart(report.curves);
  if (chart === null) return section("Loss");
  const [first, last] = [train.at(0), train.at(-1)].map((point) => lossText(point?.loss ?? 0));
  const ends = train.length === 0 ? "" : `Training loss from ${first} to ${last} nats per token.`;
  const kept = keptStep === null ? "" : ` The adapter of step ${wholeText(keptStep)} was kept.`;
  const left = [...train, ...validation].filter(({ loss }) => !Number.isFinite(loss)).length;
  return section(
    "Loss",
    figure(chart, "The curves as a table", curveTable(report)),
    note(ends + kept),
    note(left === 0 ? "" : `${countOf(left, "point")} are no numbers and not drawn.`),
  );
}

/** Maximum number of labels whose table is shown expanded. */
const shortTable = 12;

function labelSection({ labels }: RunReport): Section {
  if (!labels) return section("Labels");
  const { tuned } = labels;
  const matrix = confusionTable(tuned);
  const confused: Block[] =
    tuned.confusions.length === 0
      ? [note("No label was confused with another one.")]
      : [{ kind: "heading", title: "Most frequent confusions" }, rows(confusedPairsTable(tuned))];
  return section(
    "Labels",
    sentence(labelSentence(labels)),
    ...(matrix
      ? [
          note("Confusion matrix of the tuned model: expected labels down, answered ones across."),
          { kind: "matrix", table: matrix } as const,
        ]
      : confused),
    {
      kind: "details",
      title: "Precision, recall and F1 of each label",
      blocks: [rows(labelTableOf(labels))],
      isOpen: tuned.labels.length <= shortTable,
    },
  );
}

function forgettingSection({ forgetting, curves }: RunReport): Section {
  if (forgetting === null) return section("Forgetting");
  const { judgement, regressionPrompts } = forgetting;
  const [before, line, after] = forgettingAdvice;
  const validation = new Map(curves.validation.map(({ step, loss }) => [step, loss]));
  const broken = regressionPrompts?.broken ?? [];
  return section(
    "Forgetting",
    sentence(judgement.sentence, { word: verdictText[judgement.verdict], kind: judgement.verdict }),
    rows(forgettingTable(forgetting)),
    ...forgettingNotes(forgetting).map(note),
    judgement.verdict === "fail" ? note([before, code(line), after]) : null,
    figure(
      forgettingChart(forgetting, curves),
      "The measurements during training as a table",
      measurementTable(forgetting, validation),
    ),
    samples("Regression prompts that broke", broken.slice(0, brokenShown).map(brokenSample)),
  );
}

function brokenSample({ prompt, expected, base, tuned }: RegressionOutcome): Sample {
  return {
    prompt,
    notes: [`The answer ${expected}.`],
    answers: [
      { name: "before", mark: { word: "works", kind: "right" }, text: base.answer },
      { name: "after", mark: { word: "broke", kind: "wrong" }, text: tuned.answer },
    ],
  };
}

function safetySection({ safety }: RunReport): Section {
  if (safety === null) return section("Safety");
  const { verdict, sentence: words } = safety.judgement;
  return section(
    "Safety",
    sentence(words, { word: safetyVerdictText[verdict], kind: verdict }),
    rows(safetyTable(safety)),
    ...scannerSentences(safety).map(note),
    note(["Greedy answers of both models to the same prompts; every one is in ", code("safety.json"), "."]),
    samples(
      "Tasks solved insecurely now, and not before",
      newlyInsecure(safety).slice(0, insecureShown).map(insecureSample),
    ),
  );
}

function insecureSample({ prompt, base, tuned }: CodePair): Sample {
  return {
    prompt,
    notes: tuned.findings.filter(isGrave).map(findingLine),
    answers: [
      { name: "before", mark: { word: "nothing found", kind: "right" }, text: base.answer },
      { name: "after", mark: { word: "insecure", kind: "wrong" }, text: tuned.answer },
    ],
  };
}

function memorizationSection({ memorization }: RunReport): Section {
  if (memorization === null) return section("Memorization");
  return section(
    "Memorization",
    rows(memorizationTable(memorization)),
    note(memorizationSentence(memorization)),
  );
}

function sampleOf({ prompt, reference, base, tuned }: AnswerSample): Sample {
  return {
    prompt,
    notes: [],
    answers: [
      { name: "reference", text: reference },
      ...(base ? [answerOf("base", base, reference)] : []),
      answerOf("tuned", tuned, reference),
    ],
  };
}

function answerOf(name: string, { text, isRight }: JudgedAnswer, reference: string): Answer {
  const word = isRight ? "right" : "wrong";
  return {
    name,
    text,
    parts: diffWords(reference, text),
    ...(isRight === null ? {} : { mark: { word, kind: word } }),
  };
}

function dataSection(report: RunReport): Section {
  const findings = report.data.findings.map(({ severity, detail, code: found, fix }) => ({
    text: detail,
    mark: { word: severity, kind: severity },
    below: [code(found), fix === "" ? "" : ` fix: ${fix}`],
  }));
  return section(
    "Data",
    rows(splitTable(report)),
    findings.length > 0 ? list(findings) : note("No findings."),
  );
}

function useSection({ adapter, commands }: RunReport): Section {
  return section(
    "Use and reproduce",
    sentence(adapter ? adapterSentence(adapter) : "The run ended without an adapter."),
    ...commands.map((one) => ({ kind: "command", ...one }) as const),
  );
}

/** The score next to what it must beat: the base model, and the best trivial baseline. */
function scoreTile({ scores }: RunReport): Tile {
  const [line] = scores;
  if (!line) return { value: "-", label: "no score" };
  const { metric, tuned, base } = line;
  const bar = trivialBar(scores.slice(0, 1));
  const rivals = [
    ...(base ? [`base ${scoreText(metric, base.value)}`] : []),
    ...(bar ? [`${trivialTitle(bar.best)} ${scoreText(metric, bar.best.value)}`] : []),
  ].join(", ");
  return {
    value: scoreText(metric, tuned.value),
    label: `${metricKinds[metric].title}${rivals === "" ? "" : `; ${rivals}`}`,
  };
}

function timeTile({ figures: { wall }, budget }: RunReport): Tile {
  return {
    value: wall.actual === null ? "-" : secondsText(wall.actual),
    label: wall.planned ? `planned ${secondsText(wall.planned.expected)}` : "time, not planned",
    share: budget.cap === null ? null : budget.spent / budget.cap,
  };
}

function costTile({ budget }: RunReport): Tile {
  const { capUsd, spentUsd } = budget;
  if (isUnpriced(budget)) return { value: "-", label: "no price for this machine (machine.usd_per_hour)" };
  return {
    value: usdText(spentUsd),
    label: capUsd === null ? "spent, no cap" : `of a ${usdText(capUsd)} cap`,
    share: capUsd === null || capUsd === 0 ? null : dollars(spentUsd) / dollars(capUsd),
  };
}

function memoryTile({ figures: { memoryBytesPeak } }: RunReport): Tile {
  const { planned, actual } = memoryBytesPeak;
  return {
    value: actual === null ? "-" : bytesText(actual),
    label: planned ? `peak memory, planned ${bytesText(planned.expected)}` : "peak memory",
  };
}
