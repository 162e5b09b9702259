/**
 * @file Paired comparisons on the same rows: a tuned model with its base, and two ways of training with several
 *   seeds each.
 */
import type { BootstrapSettings } from "@tunewise/core/math";
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import type { Interval, RowOutcome, Score } from "./score.ts";
import { bootstrapped } from "./score-predictions.ts";
import {
  countPairs,
  exactMcNemar,
  minimumDetectableEffect,
  type PairedCounts,
  pairedDifference,
} from "./statistics/proportion.ts";

/** Two scores of one metric on the same rows. */
export interface Comparison {
  readonly metric: MetricName;
  readonly base: number;
  readonly tuned: number;
  /** Tuned minus base, in the metric's unit, over the rows that could be scored for both. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Exact McNemar test for yes-no metrics, otherwise `null`. */
  readonly pValue: number | null;
  /** Paired counts of right answers; `null` for metrics whose rows are not simply right or wrong. */
  readonly counts: PairedCounts | null;
  readonly rows: number;
  /** `unclear`: these rows show no difference at the 5 % level, which does not prove that there is none. */
  readonly verdict: "better" | "worse" | "unclear";
  /** Smallest difference that these rows detect with 80 % power, for yes-no metrics. */
  readonly detectable: number | null;
}

/**
 * Compares a tuned model with its base on the rows that could be scored for both.
 *
 * @param base score of the base model, from `scorePredictions` on the same references
 */
export function compareScores(
  base: Score,
  tuned: Score,
  settings: Partial<BootstrapSettings> = {},
): Comparison {
  if (base.metric !== tuned.metric || base.outcomes.length !== tuned.outcomes.length) {
    throw new RangeError(`Internal: ${base.metric} and ${tuned.metric} were not judged on the same rows`);
  }
  const kind = metricKinds[base.metric];
  if (base.isInvalid || tuned.isInvalid) return invalidComparison(base, tuned);
  const shared = base.outcomes.flatMap((outcome, row): [RowOutcome, RowOutcome][] => {
    const other = tuned.outcomes[row] as RowOutcome;
    return outcome.weight > 0 && other.weight > 0 ? [[outcome, other]] : [];
  });
  const left = shared.map(([outcome]) => outcome);
  const right = shared.map(([, outcome]) => outcome);
  const differenceOf = (rows: Int32Array | null) => kind.aggregate(right, rows) - kind.aggregate(left, rows);
  const difference = differenceOf(null);
  const counts = kind.isYesNo ? countPairs(areRight(left), areRight(right)) : null;
  const pValue = counts ? exactMcNemar(counts.onlyBase, counts.onlyTuned) : null;
  const interval =
    counts && shared.length > 1
      ? pairedDifference(counts)
      : bootstrapped(shared.length, differenceOf, settings);
  const gain = kind.higherIsBetter ? difference : -difference;
  const isShown = pValue === null ? excludesZero(interval) : pValue < 0.05;
  return {
    metric: base.metric,
    base: base.value,
    tuned: tuned.value,
    difference,
    interval,
    pValue,
    counts,
    rows: shared.length,
    verdict: !isShown ? "unclear" : gain > 0 ? "better" : "worse",
    detectable: counts ? minimumDetectableEffect(shared.length, flipsOf(counts)) : null,
  };
}

/** An invalid score supports no comparison, not even over the rows that could be scored for both. */
function invalidComparison(base: Score, tuned: Score): Comparison {
  return {
    metric: base.metric,
    base: base.value,
    tuned: tuned.value,
    difference: Number.NaN,
    interval: null,
    pValue: null,
    counts: null,
    rows: 0,
    verdict: "unclear",
    detectable: null,
  };
}

function areRight(outcomes: RunOutcomes): boolean[] {
  return outcomes.map(({ value }) => value === 1);
}

/** Share of rows on which the two differ, smoothed by one differing row so that it is never zero. */
function flipsOf({ both, onlyBase, onlyTuned, neither }: PairedCounts): number {
  return (onlyBase + onlyTuned + 1) / (both + onlyBase + onlyTuned + neither + 1);
}

function excludesZero(interval: Interval | null): boolean {
  return interval !== null && (interval.low > 0 || interval.high < 0);
}

/** Outcomes of one run's rows, in the order of the references. */
export type RunOutcomes = readonly RowOutcome[];

/** The difference between two ways of training. */
export interface WayDifference {
  /** Mean over the second way's runs minus mean over the first's, in the metric's unit. */
  readonly value: number;
  /** `null` for fewer than two rows. */
  readonly interval: Interval | null;
  readonly rows: number;
  /** `unclear`: these rows and seeds show no difference at the 5 % level, which does not prove that there is none. */
  readonly verdict: "better" | "worse" | "unclear";
}

/**
 * Compares two ways of training. The confidence interval covers both the choice of rows and the choice of seeds.
 *
 * @param from runs of the baseline, at least one, all on the same rows
 * @param way runs of the other way on the same rows
 * @source Efron and Tibshirani 1993, section 13.3, rows drawn for both ways at once and runs of each anew
 */
export function compareWays(
  metric: MetricName,
  from: readonly RunOutcomes[],
  way: readonly RunOutcomes[],
  settings: Partial<BootstrapSettings> = {},
): WayDifference {
  const kind = metricKinds[metric];
  const all = [...from, ...way];
  const places = [...(all[0] as RunOutcomes).keys()].filter((row) =>
    all.every((run) => (run[row]?.weight ?? 0) > 0),
  );
  const judged = (runs: readonly RunOutcomes[]): RunOutcomes[] =>
    runs.map((run) => places.map((row) => run[row] as RowOutcome));
  const [left, right] = [judged(from), judged(way)];
  const mean = (runs: readonly RunOutcomes[], rows: Int32Array | null): number =>
    runs.reduce((sum, run) => sum + kind.aggregate(run, rows), 0) / runs.length;
  const difference = (rows: Int32Array, pick: (limit: number) => number): number => {
    const drawn = (runs: readonly RunOutcomes[]): RunOutcomes[] =>
      runs.map(() => runs[pick(runs.length)] as RunOutcomes);
    return mean(drawn(right), rows) - mean(drawn(left), rows);
  };
  const value = mean(right, null) - mean(left, null);
  const interval = bootstrapped(places.length, difference, settings);
  const isShown = excludesZero(interval);
  const gain = kind.higherIsBetter ? value : -value;
  return {
    value,
    interval,
    rows: places.length,
    verdict: !isShown ? "unclear" : gain > 0 ? "better" : "worse",
  };
}
