/**
 * @file Two ways of training on the same rows, each tried with several seeds.
 */
import { type BootstrapSettings, bootstrapInterval } from "../math/index.ts";
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import type { Interval, RowOutcome } from "./score.ts";
import { bootstrapSettings } from "./score-predictions.ts";

/** Outcomes of one run's rows, in the order of the references. */
export type RunOutcomes = readonly RowOutcome[];

/** How far a way lies from another. */
export interface WayDifference {
  /** Mean of the way's runs minus mean of the other's, in the metric's unit. */
  readonly value: number;
  /** `null` where there are fewer than two rows. */
  readonly interval: Interval | null;
  readonly rows: number;
  /** `unclear`: these rows and seeds do not show a difference at 5 %. It does not say that there is none. */
  readonly verdict: "better" | "worse" | "unclear";
}

/**
 * The difference of two ways, with an interval that covers both the choice of rows and that of seeds.
 *
 * @param from runs of the way that is compared with, at least one, all on the same rows
 * @param way runs of the other one on those rows
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
  const interval =
    places.length < 2 ? null : bootstrapInterval(places.length, difference, bootstrapSettings(settings));
  const isShown = interval !== null && (interval.low > 0 || interval.high < 0);
  const gain = kind.higherIsBetter ? value : -value;
  return {
    value,
    interval,
    rows: places.length,
    verdict: !isShown ? "unclear" : gain > 0 ? "better" : "worse",
  };
}
