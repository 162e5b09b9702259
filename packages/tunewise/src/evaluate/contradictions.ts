/**
 * @file Finds scores that cannot be true: answers identical to their reference but scored as wrong.
 *
 * Every text equals itself. If a metric disagrees, the metric or the reference is faulty, and so is every comparison
 * based on it.
 */
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import type { Score } from "./score.ts";

/** Answers that equal their reference and are not scored as fully right. */
export interface Contradiction {
  readonly metric: MetricName;
  readonly rows: number;
  /** Number of answers that equal their reference. */
  readonly equal: number;
  /** Index of the first such row. */
  readonly first: number;
}

/** Finds contradictions in scores over these answers, one per affected metric. */
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
    if (!metricKinds[metric].isReflexive) return [];
    const wrong = equal.filter((row) => {
      const outcome = outcomes[row];
      return outcome !== undefined && outcome.value < outcome.weight;
    });
    const [first] = wrong;
    return first === undefined ? [] : [{ metric, rows: wrong.length, equal: equal.length, first }];
  });
}

/** Formats a contradiction as a sentence. */
export function contradictionText({ metric, rows, equal, first }: Contradiction): string {
  const title = `${metric} (${metricKinds[metric].title})`;
  const count = rows === equal ? `${rows}` : `${rows} of ${equal}`;
  return equal === 1
    ? `The answer to row ${first + 1} equals its reference and is not right by ${title}`
    : `${count} answers that equal their references are not right by ${title}, the first to row ${first + 1}`;
}
