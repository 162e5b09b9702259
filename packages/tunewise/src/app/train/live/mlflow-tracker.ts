/** @file Logs a run to an MLflow server. */
import {
  beginLiveRun,
  endLiveRun,
  type LiveRun,
  logLivePoints,
  type MovedPoint,
  maxLivePoints,
  type Rest,
} from "@tunewise/tracker";
import type { RunEnding, Tracker } from "./tracker.ts";

/** Tracker for an MLflow server. */
export class MlflowTracker implements Tracker {
  readonly name = "mlflow";
  readonly place: string;
  readonly experiment: string;
  readonly entity = null;
  readonly pointsAtOnce: number = maxLivePoints;
  readonly logsResults = true;
  private readonly rest: Rest;
  private readonly run: LiveRun;
  private id = "";

  constructor(rest: Rest, run: LiveRun) {
    [this.rest, this.run] = [rest, run];
    [this.place, this.experiment] = [rest.place, run.experiment];
  }

  async begin(): Promise<void> {
    this.id = await beginLiveRun(this.rest, this.run);
  }

  async log(points: readonly MovedPoint[]): Promise<number> {
    const some = points.slice(0, maxLivePoints);
    if (some.length > 0) await logLivePoints(this.rest, this.id, some);
    return some.length;
  }

  async end({ status, endedMs, points }: RunEnding, hasAll: boolean): Promise<void> {
    await endLiveRun(this.rest, this.id, status, endedMs, hasAll ? await points() : null);
  }

  /** requests already wait on their own if the server is busy */
  pauseMs(): number {
    return 0;
  }

  /** MLflow servers never stop runs. */
  stopReason(): string | null {
    return null;
  }
}
