/** @file Interface of a tracking server for a live log, and the outcome it receives at the end of a run. */

import type { Metric, RunStatus } from "@tunewise/core/run";
import type { MovedPoint } from "@tunewise/tracker";
import type { TrackerName } from "../../../prepare/index.ts";

/** Outcome of a run. */
export interface RunEnding {
  readonly status: RunStatus;
  readonly endedMs: number;
  /** Scores, seconds and dollars; empty if the run has no result. */
  readonly results: readonly Metric[];
  /** The lowest validation loss and its step; `null` if it was not measured. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** Returns the number of points in the local record. */
  readonly points: () => Promise<number>;
}

/** A server to which one run is logged. Requests may throw. Failed requests are repeated in the same order. */
export interface Tracker {
  readonly name: TrackerName;
  /** Address of the server, without credentials. */
  readonly place: string;
  /** The experiment for MLflow, or the project for W&B. */
  readonly experiment: string;
  /** W&B's team or user; `null` for the owner of the API key, or for servers without entities. */
  readonly entity: string | null;
  /** Maximum number of points per request. */
  readonly pointsAtOnce: number;
  /** Whether the server stores scores, seconds and dollars as points. */
  readonly logsResults: boolean;
  /** Begins or resumes the run on the server. */
  begin(): Promise<void>;
  /** Sends the first of the points and returns how many were sent. Without points, sends a sign of life. */
  log(points: readonly MovedPoint[]): Promise<number>;
  /**
   * Ends the run on the server.
   *
   * @param hasAll whether all points of the record were sent
   */
  end(ending: RunEnding, hasAll: boolean): Promise<void>;
  /** Milliseconds for which the server requests no further requests. */
  pauseMs(): number;
  /** Why the server requests a stop of the run; `null` if it does not. */
  stopReason(): string | null;
}

/** Final state of a live log. */
export interface LiveLogEnd extends Pick<Tracker, "place" | "experiment" | "entity"> {
  readonly tracker: TrackerName;
  /** Why the server lacks data; `null` if it is complete. */
  readonly reason: string | null;
}
