/**
 * @file A score without some of its rows, such as those that training has seen.
 */
import { metricKinds } from "./metrics.ts";
import type { RowOutcome, Score } from "./score.ts";

/** The same score over the other rows; outcomes stay at their places, those left out weigh nothing. */
export function withoutRows(score: Score, left: ReadonlySet<number>): Score {
  const outcomes = score.outcomes.map(
    (outcome, row): RowOutcome => (left.has(row) ? { value: 0, weight: 0 } : outcome),
  );
  return {
    ...score,
    value: score.isVoid ? Number.NaN : metricKinds[score.metric].aggregate(outcomes, null),
    interval: null,
    rows: outcomes.filter(({ weight }) => weight > 0).length,
    outcomes,
  };
}
