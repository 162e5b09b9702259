/**
 * @file Judgements that cannot be: an answer that is the reference, letter by letter, and wrong.
 *
 * Whatever a metric compares, a text is equal to itself. Where a metric says otherwise, the metric or the
 * reference is at fault, and so is every comparison made by it.
 */
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import type { Score } from "./score.ts";

/** Answers that equal their references and do not count as fully right. */
export interface Contradiction {
  readonly metric: MetricName;
  readonly rows: number;
  /** Of so many answers that equal their references. */
  readonly equal: number;
  /** The first such row, by its place. */
  readonly first: number;
}

/** Metrics by which an answer that equals its reference is right, and a graded one 1. */
const reflexive: ReadonlySet<MetricName> = new Set([
  ...(["exact_match", "accuracy", "macro_f1", "json_match", "rouge_l"] as const),
  ...(["contains", "sql_match", "sql_execution"] as const),
]);

/** Contradictions of scores over these answers, one for each metric that has any. */
export function findContradictions(
  scores: readonly Score[],
  answers: readonly string[],
  references: readonly string[],
): Contradiction[] {
  const equal = references.flatMap((reference, row) => {
    const answer = answers[row]?.trim() ?? "";
    return answer !== "" && answer === reference.trim() ? [row] : [];
  });
  return scores.flatMap(({ metric, outcomes }) => {
    if (!reflexive.has(metric)) return [];
    const wrong = equal.filter((row) => {
      const outcome = outcomes[row];
      return outcome !== undefined && outcome.value < outcome.weight;
    });
    const [first] = wrong;
    return first === undefined ? [] : [{ metric, rows: wrong.length, equal: equal.length, first }];
  });
}

/** A contradiction as a sentence. */
export function contradictionText({ metric, rows, equal, first }: Contradiction): string {
  const title = `${metric} (${metricKinds[metric].title})`;
  const count = rows === equal ? `${rows}` : `${rows} of ${equal}`;
  return equal === 1
    ? `The answer to row ${first + 1} equals its reference and is not right by ${title}`
    : `${count} answers that equal their references are not right by ${title}, the first to row ${first + 1}`;
}
