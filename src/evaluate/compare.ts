/**
 * @file Base beside tuned on the same rows: the difference, its interval, and whether it is more than chance.
 */
import { type BootstrapSettings, bootstrapInterval } from "../math/index.ts";
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import type { Interval, RowOutcome, Score } from "./score.ts";
import { bootstrapSettings } from "./score-predictions.ts";
import {
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
  /** Tuned minus base, in the metric's unit; over the rows both could be judged on. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Exact McNemar for yes-no metrics, else `null`. */
  readonly pValue: number | null;
  /** Rows by who answered right; `null` where rows are not right or wrong. */
  readonly counts: PairedCounts | null;
  readonly rows: number;
  /** `unclear`: these rows do not show a difference at 5 %. It does not say that there is none. */
  readonly verdict: "better" | "worse" | "unclear";
  /** Smallest difference these rows show in four of five cases, for yes-no metrics. */
  readonly detectable: number | null;
}

/**
 * Compares a tuned model with its base.
 *
 * @param base score of the base model, from `judge` on the same references
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
  if (base.isVoid || tuned.isVoid) return incomparable(base, tuned);
  const shared = base.outcomes.flatMap((outcome, row): [RowOutcome, RowOutcome][] => {
    const other = tuned.outcomes[row] as RowOutcome;
    return outcome.weight > 0 && other.weight > 0 ? [[outcome, other]] : [];
  });
  const left = shared.map(([outcome]) => outcome);
  const right = shared.map(([, outcome]) => outcome);
  const differenceOf = (rows: Int32Array | null) => kind.aggregate(right, rows) - kind.aggregate(left, rows);
  const difference = differenceOf(null);
  const counts = kind.isYesNo ? countPairs(shared) : null;
  const pValue = counts ? exactMcNemar(counts.onlyBase, counts.onlyTuned) : null;
  const interval = intervalOf(shared.length, counts, differenceOf, bootstrapSettings(settings));
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

/** Of a void score nothing can be said, not even by the rows that both could be judged on. */
function incomparable(base: Score, tuned: Score): Comparison {
  return {
    ...{ metric: base.metric, base: base.value, tuned: tuned.value, difference: Number.NaN },
    ...{ interval: null, pValue: null, counts: null, rows: 0, verdict: "unclear", detectable: null },
  };
}

function intervalOf(
  rows: number,
  counts: PairedCounts | null,
  difference: (rows: Int32Array) => number,
  settings: BootstrapSettings,
): Interval | null {
  if (rows < 2) return null;
  return counts ? pairedDifference(counts) : bootstrapInterval(rows, difference, settings);
}

function countPairs(shared: readonly (readonly [RowOutcome, RowOutcome])[]): PairedCounts {
  const count = (base: number, tuned: number) =>
    shared.filter(([left, right]) => left.value === base && right.value === tuned).length;
  return { both: count(1, 1), onlyBase: count(1, 0), onlyTuned: count(0, 1), neither: count(0, 0) };
}

/** Share of rows on which the two differ, with one row of doubt so that it is never zero. */
function flipsOf({ both, onlyBase, onlyTuned, neither }: PairedCounts): number {
  return (onlyBase + onlyTuned + 1) / (both + onlyBase + onlyTuned + neither + 1);
}

function excludesZero(interval: Interval | null): boolean {
  return interval !== null && (interval.low > 0 || interval.high < 0);
}
