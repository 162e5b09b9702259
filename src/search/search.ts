/**
 * @file The search as its caller sees it: ask what to do next, tell what came of it.
 *
 *     records ─► state ─► promote? ─► propose? ─► money enough? ─► answer ─► new record
 *
 * A caller appends `records` to a file before it acts on an answer. After a kill it opens the search with what the file
 * holds; stretches that were handed out and never ended are handed out again, to be gone on with.
 */
import type { Usd } from "../quantity/index.ts";
import type { SearchPoint } from "./space/knob.ts";
import type { PointOrigin, SearchRecord, StretchStatus } from "./state/record.ts";

/** Work to do: bring settings from one amount of training to another. */
export interface SearchTrial {
  /** Counts from 1; stays the same over all stretches of the trial. */
  readonly id: number;
  readonly point: SearchPoint;
  readonly origin: PointOrigin;
  /** Units of training already done and saved, 0 for none; go on from its checkpoint. */
  readonly from: number;
  readonly to: number;
  /** The run of the record whose checkpoint to go on from, where the trial is not the search's own. */
  readonly resumeRun: string | null;
  /** The cap of this stretch; a stretch that was interrupted counts what it spent before. */
  readonly maxUsd: Usd;
  /** Whether it was handed out before and the search was interrupted. */
  readonly again: boolean;
}

/** What to do next. */
export type Answer =
  | { readonly act: "try"; readonly trial: SearchTrial }
  /** Nothing can be decided before a stretch ends. */
  | { readonly act: "wait"; readonly running: readonly number[] }
  | { readonly act: "end"; readonly reason: EndReason; readonly sentence: string };

/** Why a search ends. */
export type EndReason = "money" | "trials" | "space";

/** What came of a stretch. */
export interface Report {
  readonly status: StretchStatus;
  /** Units of training that are saved: `to` when it was reached. */
  readonly at: number;
  /** The held-out result at `at`; `null` or not finite: none. */
  readonly value: number | null;
  /** What the whole stretch cost, metered. */
  readonly usd: Usd;
  /** Results on the way: units of training and value, rising. */
  readonly curve?: readonly (readonly [number, number])[];
}

/** An open search. */
export interface Search {
  /** The next piece of work; with several workers, ask once for each that is free. */
  ask(): Answer;
  /** Takes what came of a stretch; a trial that is not running is refused. */
  tell(trial: number, report: Report): void;
  /** All that the search remembers; the caller writes what is new, in order, before it acts on an answer. */
  readonly records: readonly SearchRecord[];
}
