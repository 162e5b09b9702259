/**
 * @file Arms that cannot be compared: too many of their rows have no answer, or none that can be judged. Whatever score
 *   the other rows gave would be no score of the test rows, so that such an arm has none and takes no part.
 */
import { maxUnscoredShare, metricKinds, type Score } from "../../evaluate/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { ArmAnswer } from "./answer-log.ts";

/** What is looked at of an arm on the test rows: its answers, and its scores with the headline first. */
interface Scored {
  readonly answers: readonly Pick<ArmAnswer, "failed">[];
  readonly scores: readonly [Score, ...Score[]];
}

/** Why a row has no answer although nobody asked for one: enough others had failed before. */
export const notAsked = "not asked, since too many rows had failed before";

/** An arm's rows without an answer. */
export interface FailedRows {
  readonly failed: number;
  /** Rows that were asked: an arm that is void is asked no further. */
  readonly asked: number;
  readonly rows: number;
  /** What was said of most of them. */
  readonly why: string;
}

/** Whether so many failures make an arm void, so that asking on would be paid for nothing. */
export function isBeyondHelp(failed: number, rows: number): boolean {
  return failed > maxUnscoredShare * rows;
}

/** Places of rows without an answer. */
export function unansweredRows(answers: readonly Pick<ArmAnswer, "failed">[]): number[] {
  return answers.flatMap(({ failed }, row) => (failed === null ? [] : [row]));
}

/** The rows of an arm that have no answer; `null`: all have one. */
export function failedRows(answers: readonly Pick<ArmAnswer, "failed">[]): FailedRows | null {
  const reasons = new Map<string, number>();
  for (const { failed } of answers)
    if (failed !== null && failed !== notAsked) reasons.set(failed, (reasons.get(failed) ?? 0) + 1);
  const failed = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  if (failed === 0) return null;
  const [[why] = [""]] = [...reasons].sort(([, a], [, b]) => b - a);
  const skipped = answers.filter((one) => one.failed === notAsked).length;
  return { failed, asked: answers.length - skipped, rows: answers.length, why };
}

/** `failed 3 of 60 rows (status 503)` */
export function failedText({ failed, asked, rows, why }: FailedRows): string {
  const rest = asked < rows ? `, and was not asked the other ${rows - asked}` : "";
  return `failed ${failed} of ${countOf(asked, "row")}${rest} (${why.replace(/[.\s]+$/, "")})`;
}

/** Why an arm is void, in words; `null`: it is not. */
export function voidReason({ answers, scores: [headline] }: Scored): string | null {
  if (!headline.isVoid) return null;
  const failures = failedRows(answers);
  const unanswered = unansweredRows(answers).length;
  const unjudged = headline.unjudged - unanswered;
  const rows = headline.rows + headline.unjudged;
  return [
    ...(failures === null ? [] : [failedText(failures)]),
    ...(unjudged > 0
      ? [`${unjudged} of ${countOf(rows, "row")} not judged by ${metricKinds[headline.metric].title}`]
      : []),
  ].join("; ");
}

/** Rows that a score leaves out, in words; `""`: none. */
export function leftOutText({ answers, scores: [headline] }: Scored): string {
  if (headline.isVoid) return "";
  const failures = failedRows(answers);
  const unjudged = headline.unjudged - (failures?.failed ?? 0);
  return [
    ...(failures === null ? [] : [failedText(failures)]),
    ...(unjudged > 0 ? [`${unjudged} of ${headline.rows + headline.unjudged} rows not judged`] : []),
  ].join("; ");
}

/** Arms that have a score, the points of the learning curve among them. */
export function scoredArms<Arm extends Pick<Scored, "scores">>(arms: readonly Arm[]): Arm[] {
  return arms.filter(({ scores: [headline] }) => !headline.isVoid);
}

/** Places of the rows that every arm answered and that could be judged for each: the rows that arms are compared on. */
export function sharedRows(arms: readonly Pick<Scored, "scores">[]): number[] {
  const outcomes = scoredArms(arms).map(({ scores: [headline] }) => headline.outcomes);
  const [first] = outcomes;
  if (first === undefined) return [];
  return [...first.keys()].filter((row) => outcomes.every((own) => (own[row]?.weight ?? 0) > 0));
}
