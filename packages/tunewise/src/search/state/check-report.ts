/** @file Validates the report of a segment and turns it into a record. */

import type { Usd } from "@tunewise/core/quantity";
import { problem } from "../../problem/index.ts";
import type { SegmentEnd, SegmentStart, SegmentStatus } from "./record.ts";

/** Result of a segment. */
export interface Report {
  readonly status: SegmentStatus;
  /** Units of training that are saved and can be resumed from: the segment's `to` if it was reached. */
  readonly at: number;
  /** The validation result at `at`, or `null`. A result that is not finite makes the segment fail. */
  readonly value: number | null;
  /** Metered cost of the complete segment, including interruptions. */
  readonly usd: Usd;
  /** Intermediate results by ascending units of training. */
  readonly curve?: readonly (readonly [number, number])[];
}

/**
 * Creates the record of a segment's end.
 *
 * A result that is not a finite number makes the segment fail, whatever its status, because NaN would rank as best or
 * worst depending on the comparison.
 *
 * @throws {TunewiseError} `SEARCH_REPORT_INVALID` for units outside the segment, a missing result, a negative cost
 *   or a curve that is not ascending
 */
export function checkReport(stretch: SegmentStart, report: Report): SegmentEnd {
  const { trial, from, to } = stretch;
  const refuse = (what: string, found: unknown, reason: string) =>
    problem("SEARCH_REPORT_INVALID", { trial, what, found: String(found), reason });
  const { at, usd } = report;
  if (!(at >= 0 && at <= to)) throw refuse("at", at, `the segment goes from ${from} to ${to}`);
  if (!(Number.isSafeInteger(usd) && usd >= 0))
    throw refuse("usd", usd, "a cost must be a whole number of micro-dollars, 0 or more");
  const value = report.value !== null && Number.isFinite(report.value) ? report.value : null;
  const status =
    report.status === "reached" && report.value !== null && value === null ? "failed" : report.status;
  if (status === "reached" && value === null)
    throw refuse("value", report.value, "a trial that reached its rung has a result");
  if (status === "reached" && at !== to)
    throw refuse("at", at, `a segment that reached its rung ends at ${to}`);
  const curve = (report.curve ?? []).filter(([, one]) => Number.isFinite(one));
  const fault = curve.find(([units], index) => !(units >= 0 && units > (curve[index - 1]?.[0] ?? -1)));
  if (fault !== undefined) throw refuse("curve", fault[0], "its units of training must rise");
  return {
    kind: "stretch-end",
    trial,
    status,
    at: status === "failed" ? Math.min(at, from) : at,
    value: status === "failed" ? null : value,
    microUsd: usd,
    curve,
  };
}
