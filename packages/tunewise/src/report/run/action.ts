/**
 * @file Recommends one action for a run's result: ship it, do not ship it, collect rows, or try something first. It is
 * derived from the headline, so that both agree.
 */

import { normal80, normal975 } from "@tunewise/core/math";
import { countOf, secondsText, usdText } from "@tunewise/core/quantity";
import type { Comparison } from "../../evaluate/index.ts";
import { rowsText, wholeText } from "../figure-text.ts";
import type { Judgement } from "./judgement.ts";
import type { RunReport } from "./report.ts";
import { trivialBar, trivialText } from "./trivial-text.ts";

/** A recommended action. */
export interface Action {
  readonly kind: "ship" | "do-not-ship" | "collect-rows" | "try-first";
  /** Two or three words: `Ship it`. */
  readonly title: string;
  /** The reason, with its cost. */
  readonly sentence: string;
  /** A command to paste. */
  readonly command: string;
}

/** Colors of both headline and action. */
export const actionTones: Readonly<Record<Action["kind"], Judgement["tone"]>> = {
  ship: "good",
  "do-not-ship": "bad",
  "collect-rows": "open",
  "try-first": "open",
};

/** The action for a run. */
export function actionOf(report: RunReport, judgement: Judgement): Action {
  const { run, scores } = report;
  if (run.status === "failed") return doNotShip(report, "The run failed, so there is no result to rely on.");
  const lost = lossOf({
    forgetting: report.forgetting?.judgement ?? null,
    safety: report.safety?.judgement ?? null,
  });
  if (lost !== "") return doNotShip(report, lost);
  if (scores.length === 0 && run.stop?.by === "cap") return continueFirst(report);
  if (scores.length === 0)
    return tryFirst(
      "First score it",
      `No test row was scored, so nothing says whether it helps. ${scoringCost(report)}`,
      evaluateCommand(report),
    );
  if (judgement.isInvalid)
    return tryFirst(
      "First separate test rows from training rows",
      `Then train again. ${trainingCost(report)}`,
      "tunewise check --fix",
    );
  if (judgement.tone === "bad") return doNotShip(report, insteadOf(report));
  return judgement.tone === "good" ? ship(report) : openAction(report);
}

function ship(report: RunReport): Action {
  const bar = trivialBar(report.scores);
  if (report.scores.some(({ metric }) => metric === "bits_per_byte")) return useOnTask(report);
  const rivals = bar === null ? "its base model" : "its base model and than every answer without a model";
  return {
    kind: "ship",
    title: "Ship it",
    sentence: `It is better than ${rivals}. ${servingCost(report)}`.trim(),
    command: `tunewise model serve ${report.run.id}`,
  };
}

/** A better prediction of documents is a means: whether it helps depends on the task that follows. */
function useOnTask({ run, judged }: RunReport): Action {
  const documents =
    judged === undefined ? "held-out documents" : `${countOf(judged.rows, "held-out document")}`;
  return tryFirst(
    "Then measure it on the task",
    `It predicts ${documents} better than its base model. That does not show better answers: train and compare them ` +
      "with a recipe for the task, with this model and with its base as `model`.",
    `tunewise model export ${run.id} --format merged`,
  );
}

/** For a result without a shown difference: collect more rows if they would show one, otherwise do not ship. */
function openAction(report: RunReport): Action {
  const bar = trivialBar(report.scores);
  if (report.run.stop?.by === "cap") return continueFirst(report);
  const open = bar !== null && bar.verdict !== "better" ? bar.best : report.scores[0]?.comparison;
  if (!open)
    return tryFirst(
      "First score its base model",
      `Without it, nothing says what training gained. ${scoringCost(report)}`,
      `tunewise runs evaluate ${report.run.id}`,
    );
  const rows = rowsToShow(open);
  if (rows === null) return doNotShip(report, insteadOf(report));
  return {
    kind: "collect-rows",
    title: `Collect ${wholeText(rows - open.rows)} more test rows`,
    sentence:
      `${rowsText(open.rows)} cannot show a difference of this size; about ${wholeText(rows)} can, ` +
      `if it stays as large. ${scoringCost(report)}`,
    command: evaluateCommand(report),
  };
}

function continueFirst(report: RunReport): Action {
  return tryFirst(
    "First continue it with a higher cap",
    `It was stopped before it could show a gain. ${trainingCost(report)}`,
    `tunewise resume ${report.run.id}`,
  );
}

function evaluateCommand({ run }: RunReport): string {
  return `tunewise runs evaluate ${run.id} --data rows.jsonl`;
}

/** A larger multiple of the available rows is not useful advice. */
const maxMultiple = 10;

/**
 * Number of rows that would show the difference with 80 % power if it stays the same.
 *
 * @returns `null` if there is no difference, or if more than ten times the rows would be needed
 * @source n' = n ((z_97.5 + z_80) s / |d|)^2, with s the standard error from the 95 % interval
 */
export function rowsToShow({
  difference,
  interval,
  rows,
}: Pick<Comparison, "difference" | "interval" | "rows">): number | null {
  if (interval === null || !(Math.abs(difference) > 0)) return null;
  const error = (interval.high - interval.low) / (2 * normal975);
  const needed = Math.ceil(rows * (((normal975 + normal80) * error) / Math.abs(difference)) ** 2);
  return needed > rows && needed <= maxMultiple * rows ? needed : null;
}

/** What a check of a run's result said. */
interface CheckedResult {
  readonly verdict: string | null;
  /** `null` in records of earlier versions. */
  readonly sentence: string | null;
}

/** What a run's result lost besides its task; `""` if nothing is known to be lost. */
export function lossOf({
  forgetting,
  safety,
}: Readonly<Record<"forgetting" | "safety", CheckedResult | null>>): string {
  if (forgetting?.verdict === "fail")
    return `${withReason("It lost other skills", forgetting)} Train again with \`regularization\` in the recipe.`;
  return safety?.verdict === "fail" ? withReason("It is less safe", safety) : "";
}

function withReason(what: string, { sentence: reason }: CheckedResult): string {
  return reason === null ? `${what}.` : `${what}: ${sentence(reason)}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Names the alternative to the tuned model. */
function insteadOf({ scores }: RunReport): string {
  const bar = trivialBar(scores);
  return bar !== null && bar.verdict !== "better"
    ? `It is not shown to be better than ${trivialText(bar.best)}, which costs nothing.`
    : "It is not shown to be better than its base model, which costs nothing more.";
}

function doNotShip({ run }: RunReport, why: string): Action {
  return {
    kind: "do-not-ship",
    title: "Do not ship it",
    sentence: why,
    command: `tunewise runs show ${run.id}`,
  };
}

function tryFirst(title: string, sentence: string, command: string): Action {
  return { kind: "try-first", title, sentence, command };
}

/** The cost of another training like this run's. */
function trainingCost({ budget }: RunReport): string {
  const time = `It takes about ${secondsText(budget.spent)}`;
  return budget.priceUsdPerHour === 0 ? `${time}.` : `${time} and ${usdText(budget.spentUsd)}.`;
}

function scoringCost({ budget }: RunReport): string {
  return budget.priceUsdPerHour === 0
    ? "Scoring takes minutes of this machine, no training."
    : `Scoring takes minutes at ${usdText(budget.priceUsdPerHour)} an hour, no training.`;
}

/** Hours per month. @source 365.25 x 24 / 12 */
const hoursPerMonth = 730.5;

/** The cost of serving, if the machine has a price. */
function servingCost({ budget: { priceUsdPerHour: rate } }: RunReport): string {
  if (rate === 0) return "";
  const month = usdText(Math.round(rate * hoursPerMonth) as typeof rate);
  return `Serving it on this machine all day costs ${month} a month at ${usdText(rate)} an hour.`;
}
