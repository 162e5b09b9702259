/** @file A metric of a run as a point that is moved. */
import type { Metric } from "../../../run/index.ts";
import type { MovedPoint } from "../../../track/index.ts";

/** The point that a metric is. */
export function pointOf({ key, step, value, time }: Metric): MovedPoint {
  return { key, step, value, ms: Date.parse(time) };
}
