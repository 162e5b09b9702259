/** @file The records of a search: plain JSON, in order; they determine the complete state of a search. */
import type { SearchPoint } from "../space/hyperparameter.ts";

/** Origin of a trial's point. */
export type PointOrigin = "defaults" | "known" | "random" | "halton" | "tpe" | "gaussian-process";

/** A segment was handed out. Written before the work begins. */
export interface SegmentStart {
  readonly kind: "stretch-start";
  readonly trial: number;
  readonly point: SearchPoint;
  readonly origin: PointOrigin;
  /** Units of training completed before, 0 for a new trial. */
  readonly from: number;
  readonly to: number;
  /** The segment's own cap. */
  readonly maxMicroUsd: number;
}

/** How a segment ended: at its rung, by a crash or a diverged loss, or cut off by its cap. */
export type SegmentStatus = "reached" | "failed" | "cut";

/** A segment ended. */
export interface SegmentEnd {
  readonly kind: "stretch-end";
  readonly trial: number;
  readonly status: SegmentStatus;
  /** Units of training that are saved and can be resumed from. */
  readonly at: number;
  /** The result at `at`; `null` if there is none (failed or not finite). */
  readonly value: number | null;
  /** Metered cost of the complete segment. */
  readonly microUsd: number;
  /** Intermediate results by ascending units of training. */
  readonly curve: readonly (readonly [number, number])[];
}

/** An earlier result with the same settings except for the hyperparameters. */
export interface KnownRun {
  readonly kind: "known-run";
  /** Id of the run with this result. */
  readonly run: string;
  readonly point: SearchPoint;
  /** Results by ascending units of training; the last one is at the end of the run. */
  readonly curve: readonly (readonly [number, number])[];
  /** Units from which the run can be resumed, 0 if no checkpoint is left. */
  readonly savedAt: number;
}

/** One record of a search. */
export type SearchRecord = SegmentStart | SegmentEnd | KnownRun;
