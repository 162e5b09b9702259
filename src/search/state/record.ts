/**
 * @file The records of a search: plain JSON, in order, and all that a search remembers.
 */
import type { SearchPoint } from "../space/hyperparameter.ts";

/** Where a trial's point came from. */
export type PointOrigin = "defaults" | "known" | "random" | "halton" | "tpe" | "gaussian-process";

/** Work was handed out. Written down before the work begins. */
export interface StretchStart {
  readonly kind: "stretch-start";
  readonly trial: number;
  readonly point: SearchPoint;
  readonly origin: PointOrigin;
  /** Units of training done before, 0 for a new trial. */
  readonly from: number;
  readonly to: number;
  /** The stretch's own cap. */
  readonly maxMicroUsd: number;
}

/** How a stretch ended: at its rung, by a crash or a diverged loss, or cut off by its cap. */
export type StretchStatus = "reached" | "failed" | "cut";

/** Work ended. */
export interface StretchEnd {
  readonly kind: "stretch-end";
  readonly trial: number;
  readonly status: StretchStatus;
  /** Units of training that are saved and can be gone on from. */
  readonly at: number;
  /** The result there; `null` where there is none (failed, not finite). */
  readonly value: number | null;
  /** What the whole stretch cost, metered. */
  readonly microUsd: number;
  /** Results on the way: units of training and value, rising. */
  readonly curve: readonly (readonly [number, number])[];
}

/** A result from before the search, of the same settings in everything but the knobs. */
export interface KnownRun {
  readonly kind: "known-run";
  /** Id of the run that the result is from. */
  readonly run: string;
  readonly point: SearchPoint;
  /** Results: units of training and value, rising; the last one is where the run ended. */
  readonly curve: readonly (readonly [number, number])[];
  /** Units from which the run can be gone on with, 0 where no checkpoint is left. */
  readonly savedAt: number;
}

/** One line of a search's memory. */
export type SearchRecord = StretchStart | StretchEnd | KnownRun;
