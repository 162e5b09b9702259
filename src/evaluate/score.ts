/**
 * @file What judging gives: one outcome per row, one score per metric.
 */
import type { MetricName } from "../recipe/index.ts";
import type { Coverage } from "./coverage.ts";

/** What one row contributes to a metric; kept so that two models can be compared row by row. */
export interface RowOutcome {
  /**
   * 0 or 1 for yes-no metrics, a share for graded ones, the sum of negative log likelihoods for perplexity.
   */
  readonly value: number;
  /** 1, or the number of labelled tokens for perplexity; 0 where the row cannot be judged. */
  readonly weight: number;
  /** For label metrics: index of the expected and of the answered label; -1 is an answer that is no label. */
  readonly pair?: readonly [expected: number, answered: number];
}

/** Bounds that hold the true value with 95 % confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How one label did. */
export interface LabelScore {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that should have this label. */
  readonly support: number;
  /** Rows that were answered with it. */
  readonly answered: number;
}

/** A mix-up and how often it happened. */
export interface Confusion {
  readonly expected: string;
  /** `null`: the answer was none of the labels. */
  readonly answered: string | null;
  readonly count: number;
}

/** The table behind accuracy and macro-F1. */
export interface LabelTable {
  /** Labels that occur, as expected or as answered. */
  readonly labels: readonly LabelScore[];
  /** Worst first, at most ten. */
  readonly confusions: readonly Confusion[];
  /** Answers that are none of the labels. */
  readonly unknown: number;
  /**
   * Confusion matrix: a row for each expected label, a column for each answered one and a last one for answers that are
   * no label, in the order of `labels`; `null` for more than 100 labels.
   */
  readonly matrix: readonly (readonly number[])[] | null;
}

/** One metric over all rows. Plain data: it can be stored and compared later. */
export interface Score extends Coverage {
  readonly metric: MetricName;
  /** In the metric's unit; NaN where no row could be judged, and where the score is void. */
  readonly value: number;
  /** `null` where there are fewer than two rows to judge from, and where the score is void. */
  readonly interval: Interval | null;
  /** One per row, in the order of the references. */
  readonly outcomes: readonly RowOutcome[];
  /** Figures behind the value, such as `precision` and `whole_equal` of `json_match`. */
  readonly facts: Readonly<Record<string, number>>;
  readonly labels: LabelTable | null;
}
