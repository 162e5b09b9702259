/** @file Logs a run to a W&B server. */
import {
  bestFigures,
  type MovedPoint,
  type WandbLiveRun,
  WandbRunLog,
  type WandbServer,
} from "@tunewise/tracker";
import type { RunEnding, Tracker } from "./tracker.ts";

/** Tracker for a W&B server. */
export class WandbTracker implements Tracker {
  readonly name = "wandb";
  readonly place: string;
  readonly experiment: string;
  readonly entity: string | null;
  readonly pointsAtOnce = 10_000;
  /** The results go into the run's summary, as with W&B's callback in Transformers. */
  readonly logsResults = false;
  private readonly server: WandbServer;
  private readonly history: WandbRunLog;

  constructor(server: WandbServer, run: WandbLiveRun) {
    [this.server, this.history] = [server, new WandbRunLog(server, run)];
    [this.place, this.experiment, this.entity] = [server.place, this.history.place.project, run.entity];
  }

  begin(): Promise<void> {
    return this.history.begin();
  }

  log(points: readonly MovedPoint[]): Promise<number> {
    return this.history.log(points);
  }

  end({ status, endedMs, results, best }: RunEnding): Promise<void> {
    const figures = results.map(({ key, value }) => [key, value] as const);
    return this.history.end(status, endedMs, [...figures, ...(best === null ? [] : bestFigures(best))]);
  }

  pauseMs(): number {
    return this.server.pauseMs;
  }

  stopReason(): string | null {
    return this.history.isStopRequested ? `somebody stopped the run on ${this.place}` : null;
  }
}
