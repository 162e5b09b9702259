/**
 * @file The sentence on top of a report: what training gained, how sure that is, and what it cost.
 */
import { coverageText, metricKinds } from "../../evaluate/index.ts";
import { secondsText, usdText } from "../../quantity/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import { differenceText, intervalText, rowsText, scoreText } from "./figure-text.ts";
import type { BudgetFacts, RunReport, ScoreLine } from "./report.ts";

/** The judgement of a run. */
export interface Judgement {
  /** `good`: shown to be better · `bad`: shown to be worse, or failed · `open`: neither could be shown. */
  readonly tone: "good" | "bad" | "open";
  /** A few words. */
  readonly title: string;
  readonly sentence: string;
}

/** Judges a run by its headline metric. */
export function judgeRun(report: RunReport): Judgement {
  const { tone, title } = toneOf(report);
  const parts = [endOf(report), headlineOf(report.scores[0]), forgottenOf(report), costOf(report.budget)];
  const sentence = parts.filter((part) => part !== "").join("; ");
  return { tone, title, sentence: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.` };
}

function toneOf(report: RunReport): Omit<Judgement, "sentence"> {
  const [headline] = report.scores;
  if (report.run.status === "failed") return { tone: "bad", title: "The run failed" };
  if (!headline) return { tone: "open", title: "Not judged" };
  if (headline.tuned.isVoid) return { tone: "bad", title: "Void: too many rows could not be judged" };
  if (!headline.comparison) return { tone: "open", title: "Judged without its base model" };
  switch (headline.comparison.verdict) {
    case "better":
      return report.forgetting?.judgement.verdict === "fail"
        ? { tone: "open", title: "Training helped, and other skills were lost" }
        : { tone: "good", title: "Training helped" };
    case "worse":
      return { tone: "bad", title: "Training made it worse" };
    case "unclear":
      return { tone: "open", title: "No clear difference" };
  }
}

/** Why the run ended, when it did not come to its end. */
function endOf(report: RunReport): string {
  if (report.run.status === "completed") return "";
  const { actual, planned } = report.figures.steps;
  const of = planned === null ? "" : ` of ${planned.expected}`;
  const words = {
    running: "still running",
    stopped: "stopped by a guard",
    interrupted: "interrupted",
    failed: "failed",
  };
  return `${words[report.run.status]} at step ${actual ?? 0}${of}`;
}

function headlineOf(line: ScoreLine | undefined): string {
  if (!line) return "no test rows were judged";
  const left = coverageText(line.tuned);
  if (line.tuned.isVoid)
    return `the score is void: ${metricKinds[line.metric].title} could not judge ${line.tuned.unjudged} of ${rowsText(line.tuned.rows + (line.tuned.unjudged ?? 0))}`;
  const say = phrases[line.metric];
  const rows = left === "" ? rowsText(line.tuned.rows) : `${rowsText(line.tuned.rows)} (${left})`;
  const tuned = say(scoreText(line.metric, line.tuned.value), rows);
  if (!line.base) return `tuned ${tuned}`;
  const base = `the base model ${scoreText(line.metric, line.base.value)}`;
  const { comparison } = line;
  if (!comparison) return `tuned ${tuned}, ${base}`;
  const interval = comparison.interval && `95 % interval ${intervalText(line.metric, comparison.interval)}`;
  const doubt = comparison.verdict === "unclear" ? "not more than chance may do" : "";
  const about = [interval, doubt].filter(Boolean).join(", ");
  const difference = differenceText(line.metric, comparison.difference);
  return `tuned ${tuned}, ${base}: ${difference}${about ? ` (${about})` : ""}`;
}

/** What was lost, where something was. */
function forgottenOf({ forgetting }: RunReport): string {
  if (forgetting?.judgement.verdict !== "fail") return "";
  const { sentence } = forgetting.judgement;
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}

/** The headline in words, by metric. */
const phrases: Readonly<Record<MetricName, (score: string, rows: string) => string>> = {
  exact_match: (score, rows) => `answers ${score} of ${rows} right`,
  accuracy: (score, rows) => `answers ${score} of ${rows} right`,
  json_valid: (score, rows) => `gives valid JSON for ${score} of ${rows}`,
  json_match: (score, rows) => `gets ${score} of the JSON fields right (F1) on ${rows}`,
  macro_f1: (score, rows) => `reaches ${score} ${metricKinds.macro_f1.title} on ${rows}`,
  rouge_l: (score, rows) => `reaches ${score} ${metricKinds.rouge_l.title} on ${rows}`,
  contains: (score, rows) => `holds the reference in ${score} of ${rows}`,
  regex: (score, rows) => `matches the pattern in ${score} of ${rows}`,
  json_schema: (score, rows) => `fits the schema in ${score} of ${rows}`,
  sql_match: (score, rows) => `writes the same SQL for ${score} of ${rows}`,
  sql_execution: (score, rows) => `writes SQL with the same result for ${score} of ${rows}`,
  assertions: (score, rows) => `passes the assertions in ${score} of ${rows}`,
  perplexity: (score, rows) => `has a perplexity of ${score} on ${rows} (lower is better)`,
};

/** `cost $0.00 of a $1.00 cap` */
function costOf(budget: BudgetFacts): string {
  const { capUsd, cap } = budget;
  const money = `cost ${usdText(budget.spentUsd)}`;
  if (capUsd !== null) return `${money} of a ${usdText(capUsd)} cap`;
  if (cap !== null) return `${money}, took ${secondsText(budget.spent)} of a ${secondsText(cap)} cap`;
  return `${money}, no cap was set`;
}
