/**
 * @file Detects invalid arms: those with too many rows that have no answer or no possible score. A score on the
 * remaining rows would not be a score on the test set, so the comparison excludes invalid arms.
 */

import { countOf } from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { answerOf, questionOf } from "@tunewise/datacheck/dataset";
import { maxUnscoredShare, metricKinds, type Score } from "../../evaluate/index.ts";
import { problem } from "../../problem/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import { type Scorer, scoreAnswers } from "../../scoring/index.ts";
import type { ArmAnswer } from "./answer-log.ts";

/** An arm's answers on the test rows, and its scores starting with the headline metric. */
interface Scored {
  readonly answers: readonly Pick<ArmAnswer, "failed">[];
  readonly scores: readonly [Score, ...Score[]];
}

/** Reason for rows that were not asked because too many others had failed. */
export const unsent = "not asked, since too many rows had failed before";

/** Summary of an arm's rows without an answer. */
export interface FailedRows {
  readonly failed: number;
  /** Number of rows that were asked. A invalid arm is asked no further questions. */
  readonly asked: number;
  readonly rows: number;
  /** The most frequent reason. */
  readonly why: string;
}

/** Whether that many failures make an arm invalid, so that further requests would be wasted. */
export function hasTooManyFailures(failed: number, rows: number): boolean {
  return failed > maxUnscoredShare * rows;
}

/** Indices of rows without an answer. */
export function unansweredRows(answers: readonly Pick<ArmAnswer, "failed">[]): number[] {
  return answers.flatMap(({ failed }, row) => (failed === null ? [] : [row]));
}

/** Summarizes an arm's rows without an answer, or returns `null` if all have one. */
export function failedRows(answers: readonly Pick<ArmAnswer, "failed">[]): FailedRows | null {
  const reasons = new Map<string, number>();
  for (const { failed } of answers)
    if (failed !== null && failed !== unsent) reasons.set(failed, (reasons.get(failed) ?? 0) + 1);
  const failed = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  if (failed === 0) return null;
  const [[why] = [""]] = [...reasons].sort(([, a], [, b]) => b - a);
  const skipped = answers.filter((one) => one.failed === unsent).length;
  return { failed, asked: answers.length - skipped, rows: answers.length, why };
}

/** For example `failed 3 of 60 rows (status 503)`. */
export function failedText({ failed, asked, rows, why }: FailedRows): string {
  const rest = asked < rows ? `, and was not asked the other ${rows - asked}` : "";
  return `failed ${failed} of ${countOf(asked, "row")}${rest} (${why.replace(/[.\s]+$/, "")})`;
}

/** States why an arm is invalid, or returns `null` if it is not. */
export function invalidReason({ answers, scores: [headline] }: Scored): string | null {
  if (!headline.isInvalid) return null;
  const failures = failedRows(answers);
  const unanswered = unansweredRows(answers).length;
  const unjudged = headline.unjudged - unanswered;
  const rows = headline.rows + headline.unjudged;
  return [
    ...(failures === null ? [] : [failedText(failures)]),
    ...(unjudged > 0
      ? [`${unjudged} of ${countOf(rows, "row")} not scored by ${metricKinds[headline.metric].title}`]
      : []),
  ].join("; ");
}

/** States which rows a score excludes; empty if none. */
export function leftOutText({ answers, scores: [headline] }: Scored): string {
  if (headline.isInvalid) return "";
  const failures = failedRows(answers);
  const unjudged = headline.unjudged - (failures?.failed ?? 0);
  return [
    ...(failures === null ? [] : [failedText(failures)]),
    ...(unjudged > 0 ? [`${unjudged} of ${headline.rows + headline.unjudged} rows not scored`] : []),
  ].join("; ");
}

/** Arms that have a score, including points of the learning curve. */
export function scoredArms<Arm extends Pick<Scored, "scores">>(arms: readonly Arm[]): Arm[] {
  return arms.filter(({ scores: [headline] }) => !headline.isInvalid);
}

/** Indices of the compared rows: every arm answered them, and they could be scored for each arm. */
export function sharedRows(arms: readonly Pick<Scored, "scores">[]): number[] {
  const outcomes = scoredArms(arms).map(({ scores: [headline] }) => headline.outcomes);
  const [first] = outcomes;
  if (first === undefined) return [];
  return [...first.keys()].filter((row) => outcomes.every((own) => (own[row]?.weight ?? 0) > 0));
}

/**
 * Metrics of a recipe that score answers. The first is the headline metric.
 *
 * @throws {TunewiseError} `ARMS_WITHOUT_METRIC`
 */
export function armMetrics({ task }: Recipe): readonly [MetricName, ...MetricName[]] {
  const [first, ...rest] = task.metrics.filter((metric) => metricKinds[metric].needs === "answers");
  if (first === undefined) throw problem("ARMS_WITHOUT_METRIC", { metrics: task.metrics.join(", ") });
  return [first, ...rest];
}

/** One score per metric for answers to these rows in order. */
export function scoreArm(
  scorer: Scorer,
  metrics: readonly MetricName[],
  answers: readonly (Pick<ArmAnswer, "answer" | "seconds" | "microUsd"> &
    Partial<Pick<ArmAnswer, "failed">>)[],
  rows: readonly Example[],
): Promise<Score[]> {
  return scoreAnswers(scorer, metrics, {
    answers: answers.map(({ answer }) => answer),
    losses: [],
    references: rows.map(answerOf),
    unanswered: unansweredRows(answers.map(({ failed = null }) => ({ failed }))),
    about: {
      questions: rows.map(questionOf),
      costsUsd: answers.map(({ microUsd }) => microUsd / 1e6),
      latenciesMilliseconds: answers.map(({ seconds }) => seconds * 1000),
    },
  });
}
