/**
 * @file A point of a metric as JSON text.
 */
import type { Point } from "../../../track/index.ts";

/** A point in MLflow's words; NaN and the infinities are texts, as in protobuf's JSON. */
export function pointText(key: string, { value, ms, step }: Point, run?: string): string {
  const number = Number.isFinite(value) ? String(value) : `"${value}"`;
  const of = run === undefined ? "" : `,"run_id":"${run}"`;
  return `{"key":${JSON.stringify(key)},"value":${number},"timestamp":${ms},"step":${step}${of}}`;
}
