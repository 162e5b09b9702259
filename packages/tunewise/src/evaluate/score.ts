/** @file The result of scoring: one outcome per row, one score per metric, and the number of rows behind a score. */
import type { MetricName } from "../recipe/index.ts";

/** Contribution of one row to a metric; retained so that two models can be compared row by row. */
export interface RowOutcome {
  /** 0 or 1 for yes-no metrics, a share for graded ones, the summed negative log likelihood for perplexity. */
  readonly value: number;
  /** 1, or the number of labelled tokens for perplexity; 0 if the row cannot be scored. */
  readonly weight: number;
  /** For label metrics: index of the expected and of the answered label; -1 if the answer is not a label. */
  readonly pair?: readonly [expected: number, answered: number];
}

/**
 * Sum of the values over the sum of the weights; NaN if no row could be scored.
 *
 * @param rows indices into `outcomes`, repeats allowed; `null` takes each row once
 */
export function weightedMean(outcomes: readonly RowOutcome[], rows: Int32Array | null): number {
  let [value, weight] = [0, 0];
  const size = rows?.length ?? outcomes.length;
  for (let i = 0; i < size; i++) {
    const outcome = outcomes[rows ? (rows[i] ?? 0) : i];
    if (!outcome || outcome.weight === 0) continue;
    value += outcome.value;
    weight += outcome.weight;
  }
  return value / weight;
}

/** 95 % confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Precision, recall and F1 of one label. */
export interface LabelScore {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows whose expected label is this one. */
  readonly support: number;
  /** Rows whose answer is this label. */
  readonly answered: number;
}

/** A pair of confused labels and its count. */
export interface Confusion {
  readonly expected: string;
  /** `null` if the answer was not a label. */
  readonly answered: string | null;
  readonly count: number;
}

/** The table behind accuracy and macro-F1. */
export interface LabelTable {
  /** Labels that occur, as expected or as answered. */
  readonly labels: readonly LabelScore[];
  /** Most frequent first, at most ten. */
  readonly confusions: readonly Confusion[];
  /** Number of answers that are not a label. */
  readonly unknown: number;
  /**
   * Confusion matrix: one row per expected label, one column per answered label and a last column for answers that
   * are not a label, in the order of `labels`; `null` for more than 100 labels.
   */
  readonly matrix: readonly (readonly number[])[] | null;
}

/** One metric over all rows. Plain data that can be stored and compared later. */
export interface Score extends Coverage {
  readonly metric: MetricName;
  /** In the metric's unit; NaN if no row could be scored or the score is invalid. */
  readonly value: number;
  /** `null` if fewer than two rows could be scored or the score is invalid. */
  readonly interval: Interval | null;
  /** One per row, in the order of the references. */
  readonly outcomes: readonly RowOutcome[];
  /** Figures behind the value, such as `precision` and `whole_equal` of `json_match`. */
  readonly facts: Readonly<Record<string, number>>;
  readonly labels: LabelTable | null;
}

/**
 * A score is invalid if more than this share of its rows could not be scored.
 *
 * Rows that fail rarely resemble the others: long rows hit limits, odd rows have broken references. With 1 in 20 rows
 * missing, a share is off by at most five points, whatever those rows would have scored. With more rows missing, the
 * score would describe a different set than the test rows.
 *
 * @source with a share u left out and the rest at q, the whole lies between q(1 - u) and q(1 - u) + u
 */
export const maxUnscoredShare = 0.05;

/** Number of rows behind a score. */
export interface Coverage {
  /** Rows that were scored. */
  readonly rows: number;
  /** Rows that could not be scored: no answer arrived, or right and wrong cannot be distinguished. */
  readonly unjudged: number;
  /** Too many unscored rows: the score has no value. */
  readonly isInvalid: boolean;
}

/** Counts the rows behind a score and decides whether it is invalid. */
export function coverageOf(rows: number, unjudged: number): Coverage {
  return { rows, unjudged, isInvalid: unjudged > maxUnscoredShare * (rows + unjudged) };
}

/** Text to print beside the score: the number of rows that were not scored, or `""` if all were. */
export function coverageText({
  rows,
  unjudged = 0,
  isInvalid = false,
}: Pick<Coverage, "rows"> & Partial<Coverage>): string {
  if (unjudged === 0) return "";
  const count = `${unjudged} of ${rows + unjudged} rows not scored`;
  return isInvalid ? `invalid: ${count}` : count;
}
