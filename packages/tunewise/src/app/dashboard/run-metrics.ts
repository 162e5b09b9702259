/** @file Metrics of a run in numbers: those that its client logged, and those of its machine. */
import { type Point, pointCount, type Reader, readSeries, type StoredSeries } from "@tunewise/tracker";
import { type Some, some } from "./bounds.ts";
import { finite, type NonFinite } from "./read-curves.ts";

/** A metric without its curve. */
export interface MetricSummary {
  readonly key: string;
  readonly last: number | null;
  /** What the last value is where it is no finite number. */
  readonly special: NonFinite | null;
  readonly lastStep: number;
  readonly lastMs: number;
  /** Extremes of finite values. */
  readonly min: number | null;
  readonly max: number | null;
  readonly points: number;
}

/** Metrics of one answer. */
const metricsMost = 2_000;

/** Keys of a machine's load, as W&B's and MLflow's clients name them. */
const isSystem = (key: string): boolean => /^system[/.]/.test(key);

/** Metrics of a run by key: those of its machine, or all others. */
export async function readMetrics(
  reader: Reader,
  run: number,
  of: "system" | "own",
): Promise<Some<MetricSummary>> {
  const series = await readSeries(reader, [run], null);
  return some(series.filter(({ key }) => isSystem(key) === (of === "system")).map(summaryOf), metricsMost);
}

function summaryOf(series: StoredSeries): MetricSummary {
  const { key, last, low, high } = series;
  return {
    ...{ key, last: finite(last.value), special: specialOf(last), lastStep: last.step, lastMs: last.ms },
    ...{ min: low, max: high, points: pointCount(series) },
  };
}

function specialOf({ value }: Point): NonFinite | null {
  return Number.isFinite(value) ? null : (String(value) as NonFinite);
}
