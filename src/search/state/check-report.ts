/**
 * @file A report of a stretch as a record, checked against the stretch.
 */
import { problem } from "../../problem/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { StretchEnd, StretchStart, StretchStatus } from "./record.ts";

/** What came of a stretch. */
export interface Report {
  readonly status: StretchStatus;
  /** Units of training that are saved and can be gone on from: the stretch's `to` when it was reached. */
  readonly at: number;
  /** The held-out result at `at`; `null`: none. A result that is not finite makes the stretch a failed one. */
  readonly value: number | null;
  /** What the whole stretch cost, metered, interruptions included. */
  readonly usd: Usd;
  /** Results on the way: units of training and value, rising. */
  readonly curve?: readonly (readonly [number, number])[];
}

/**
 * The record of a stretch's end.
 *
 * A result that is not a finite number makes the stretch a failed one, whatever its status says: NaN would be the best
 * or the worst of all depending on who compares.
 *
 * @throws {TunewiseError} `SEARCH_REPORT_INVALID` for units outside the stretch, a missing result, money below 0 or a
 *   curve that does not rise
 */
export function checkReport(stretch: StretchStart, report: Report): StretchEnd {
  const { trial, from, to } = stretch;
  const refuse = (what: string, found: unknown, reason: string) =>
    problem("SEARCH_REPORT_INVALID", { trial, what, found: String(found), reason });
  const { at, usd } = report;
  if (!(at >= 0 && at <= to)) throw refuse("at", at, `the stretch went from ${from} to ${to}`);
  if (!(Number.isSafeInteger(usd) && usd >= 0))
    throw refuse("usd", usd, "a cost is whole micro-dollars, 0 or more");
  const value = report.value !== null && Number.isFinite(report.value) ? report.value : null;
  const status =
    report.status === "reached" && report.value !== null && value === null ? "failed" : report.status;
  if (status === "reached" && value === null)
    throw refuse("value", report.value, "a rung that is reached has one");
  if (status === "reached" && at !== to) throw refuse("at", at, `a rung that is reached ends at ${to}`);
  const curve = (report.curve ?? []).filter(([, one]) => Number.isFinite(one));
  const fault = curve.find(([units], index) => !(units >= 0 && units > (curve[index - 1]?.[0] ?? -1)));
  if (fault !== undefined) throw refuse("curve", fault[0], "its units of training must rise");
  return {
    ...{ kind: "stretch-end", trial, status, at: status === "failed" ? Math.min(at, from) : at },
    ...{ value: status === "failed" ? null : value, microUsd: usd, curve },
  };
}
