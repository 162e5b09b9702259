/** @file Table and sentences about forgetting. */
import type { ForgettingMeasure, GateVerdict } from "../../guard/index.ts";
import { type Block, list, rows, sentence } from "../document/document.ts";
import { type Table, table } from "../document/table.ts";
import { lossText, percent, pValueText, signedPercent, wholeText } from "../figure-text.ts";
import type { ForgettingFacts } from "./report.ts";

/** Verdicts in plain words. */
export const verdictText: Readonly<Record<GateVerdict, string>> = {
  pass: "kept",
  fail: "forgot",
  "cannot-tell": "cannot tell",
};

/** Advice for a run that forgot, in one line: text before, line of the recipe, text after. */
export const forgettingAdvice: readonly [string, string, string] = [
  "To forget less: mix rows of the old kind into the training rows (replay), which is better than any penalty where " +
    "old data exists; where there is none, write ",
  "regularization: ewc",
  " into the recipe.",
];

/** One row per measure: before, after, change with confidence interval, limit, verdict. */
export function forgettingTable(facts: ForgettingFacts): Table {
  const titles = ["measure", "#before", "#after", "#change", "#95 % interval", "#allowed", "verdict"];
  const { perplexity, tasks, divergence, regressionPrompts, limits } = facts;
  const rows = [
    [
      `perplexity of ${wholeText(perplexity.documents)} documents`,
      lossText(perplexity.base),
      lossText(perplexity.tuned),
      `${signedPercent(perplexity.rise)} %`,
      interval(perplexity.interval, signedPercent),
      `${signedPercent(limits.maxPerplexityRise)} %`,
      verdictOf(facts, "perplexity"),
    ],
    tasks && [
      `right answers to ${wholeText(tasks.items)} questions`,
      `${percent(tasks.base)} %`,
      `${percent(tasks.tuned)} %`,
      `${signedPercent(-tasks.drop)} points`,
      interval(tasks.interval && { low: -tasks.interval.high, high: -tasks.interval.low }, signedPercent),
      `${signedPercent(-limits.maxTaskDrop)} points`,
      verdictOf(facts, "tasks"),
    ],
    divergence && [
      `divergence on ${wholeText(divergence.prompts)} prompts, nats`,
      "0",
      nats(divergence.kl),
      `+${nats(divergence.kl)}`,
      interval(divergence.interval, nats),
      limits.maxKl === null ? "-" : `+${nats(limits.maxKl)}`,
      verdictOf(facts, "kl"),
    ],
    regressionPrompts && [
      "regression prompts",
      `${regressionPrompts.workedBefore} of ${regressionPrompts.asked}`,
      `${regressionPrompts.stillWork} of ${regressionPrompts.workedBefore}`,
      regressionPrompts.broken.length === 0 ? "none broke" : `${regressionPrompts.broken.length} broke`,
      "-",
      "none",
      verdictOf(facts, "regression-prompts"),
    ],
  ];
  return table(
    titles,
    rows.filter((row) => row !== null),
  );
}

/** The verdict, the table and the prompts that broke, for the terminal. */
export function forgettingBrief(facts: ForgettingFacts): Block[] {
  const { judgement, regressionPrompts } = facts;
  const broken = (regressionPrompts?.broken ?? []).slice(0, 3);
  return [
    rows(forgettingTable(facts)),
    sentence(judgement.sentence),
    list(broken.map(({ prompt }) => `broke: ${prompt.slice(0, 90)}`)),
  ];
}

/** Details beyond the table, one sentence each. */
export function forgettingNotes({ tasks, regressionPrompts, sources, judgement }: ForgettingFacts): string[] {
  const notes: string[] = [];
  if (tasks) {
    const { counts, pValue, plain, probability, detectable, chance } = tasks;
    const p = pValueText(pValue);
    const [lost, won] = [wholeText(counts.onlyBase), wholeText(counts.onlyTuned)];
    notes.push(
      `The same questions: ${lost} right before only, ${won} right after only (exact McNemar p ${p}); guessing ` +
        `gets ${percent(chance)} %. By plain likelihood ${percent(plain.base)} % before and ` +
        `${percent(plain.tuned)} % after; mean probability of the right choice ` +
        `${probability.base.toFixed(3)} and ${probability.tuned.toFixed(3)}.`,
    );
    if (judgement.measures.tasks === "cannot-tell")
      notes.push(
        `These questions show a change from about ${percent(detectable)} points on: more questions tell more, or set ` +
          "forgetting.max_task_drop to what matters.",
      );
  }
  if (regressionPrompts && regressionPrompts.neverWorked.length > 0) {
    const now = regressionPrompts.neverWorked.filter(({ tuned }) => tuned.works).length;
    notes.push(
      `${prompts(regressionPrompts.neverWorked.length)} failed with the base model already and cannot be forgotten` +
        `${now > 0 ? `; the tuned model now answers ${now} of them` : ""}.`,
    );
  }
  const own = Object.values(sources).filter(
    (source) => source !== null && source !== "general" && source !== "none",
  );
  if (own.length > 0)
    notes.push(`Measured on ${own.join(", ")}${own.length < 4 ? " and what tunewise ships" : ""}.`);
  return notes;
}

/** Measurements during training as a table, with validation loss. */
export function measurementTable({ curve }: ForgettingFacts, validation: ReadonlyMap<number, number>): Table {
  const titles = [
    "#step",
    "#perplexity",
    "#95 % interval",
    "#answers",
    "#divergence, nats",
    "#validation loss",
  ];
  return table(
    titles,
    curve.map(({ step, perplexityRise, low, high, taskDrop, kl }) => [
      wholeText(step),
      perplexityRise === null ? "-" : `${signedPercent(perplexityRise)} %`,
      low === null || high === null ? "-" : interval({ low, high }, signedPercent),
      taskDrop === null ? "-" : `${signedPercent(-taskDrop)} points`,
      kl === null ? "-" : nats(kl),
      lossText(validation.get(step) ?? Number.NaN).replace("NaN", "-"),
    ]),
  );
}

function verdictOf({ judgement }: ForgettingFacts, measure: ForgettingMeasure): string {
  const verdict = judgement.measures[measure];
  return verdict === undefined ? "shown only" : verdictText[verdict];
}

function interval(
  bounds: { readonly low: number; readonly high: number } | null,
  text: (value: number) => string,
): string {
  return bounds === null ? "none" : `${text(bounds.low)} to ${text(bounds.high)}`;
}

function nats(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : String(value);
}

function prompts(count: number): string {
  return count === 1 ? "1 prompt" : `${wholeText(count)} prompts`;
}

/** Maximum number of displayed regressions; `forgetting.json` of the run has all. */
export const brokenShown = 8;
