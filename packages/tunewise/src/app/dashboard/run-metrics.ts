/** @file Summaries of a run's metrics: those that its client logged, and those of its machine. */
import { type Point, pointCount, type Reader, readSeries, type StoredSeries } from "@tunewise/tracker";
import { type Some, some } from "./bounds.ts";
import { finite, type NonFinite } from "./read-curves.ts";

/** A metric without its curve. */
export interface MetricSummary {
  readonly key: string;
  readonly last: number | null;
  /** The last value if it is not finite. */
  readonly special: NonFinite | null;
  readonly lastStep: number;
  readonly lastMs: number;
  /** Minimum and maximum of finite values. */
  readonly min: number | null;
  readonly max: number | null;
  readonly points: number;
}

/** Maximum metrics in a response. */
const maxMetrics = 2_000;

/** Keys of system metrics, as W&B's and MLflow's clients name them. */
const isSystem = (key: string): boolean => /^system[/.]/.test(key);

/** Reads the metrics of a run in order of key: either system metrics or all others. */
export async function readMetrics(
  reader: Reader,
  run: number,
  of: "system" | "own",
): Promise<Some<MetricSummary>> {
  const series = await readSeries(reader, [run], null);
  return some(series.filter(({ key }) => isSystem(key) === (of === "system")).map(summaryOf), maxMetrics);
}

function summaryOf(series: StoredSeries): MetricSummary {
  const { key, last, low, high } = series;
  return {
    key,
    last: finite(last.value),
    special: specialOf(last),
    lastStep: last.step,
    lastMs: last.ms,
    min: low,
    max: high,
    points: pointCount(series),
  };
}

function specialOf({ value }: Point): NonFinite | null {
  return Number.isFinite(value) ? null : (String(value) as NonFinite);
}
