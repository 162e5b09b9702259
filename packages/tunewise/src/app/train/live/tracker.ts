/** @file What a tracking server is to a live log, and what is said to it at the end of a run. */

import type { Metric, RunStatus } from "@tunewise/core/run";
import type { MovedPoint } from "@tunewise/tracker";
import type { TrackerName } from "../../../prepare/index.ts";

/** How a run ended. */
export interface RunEnding {
  readonly status: RunStatus;
  readonly endedMs: number;
  /** Scores, seconds and dollars; none where the run has no result. */
  readonly results: readonly Metric[];
  /** Where the validation loss was lowest; `null`: it was not measured. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** How many points the record here has. */
  readonly points: () => Promise<number>;
}

/** A server that one run is logged to. Requests may throw; what failed is asked for again, in the same order. */
export interface Tracker {
  readonly name: TrackerName;
  /** Its address, without credentials. */
  readonly place: string;
  /** MLflow's experiment, W&B's project. */
  readonly experiment: string;
  /** Team or person of W&B's; `null`: that of the key, or there is no such thing. */
  readonly entity: string | null;
  /** Points that one request takes. */
  readonly pointsAtOnce: number;
  /** Whether scores, seconds and dollars are points there. */
  readonly logsResults: boolean;
  /** Begins the run, or takes it up again. */
  begin(): Promise<void>;
  /** Sends the first of some points, none as a sign of life; gives how many were sent. */
  log(points: readonly MovedPoint[]): Promise<number>;
  /** @param hasAll whether all points of the record were sent */
  end(ending: RunEnding, hasAll: boolean): Promise<void>;
  /** Milliseconds that the server wants to be left alone for. */
  pauseMs(): number;
  /** Why the server wants the run to stop; `null`: it does not. */
  stopReason(): string | null;
}

/** How a live log ended. */
export interface LiveLogEnd extends Pick<Tracker, "place" | "experiment" | "entity"> {
  readonly tracker: TrackerName;
  /** Why the server lacks something; `null`: it has everything. */
  readonly reason: string | null;
}
