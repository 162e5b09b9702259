/** @file A run logged to a W&B server. */
import {
  bestFigures,
  type MovedPoint,
  type WandbLiveRun,
  WandbRunLog,
  type WandbServer,
} from "@tunewise/tracker";
import type { RunEnding, Tracker } from "./tracker.ts";

/** A run on its way to a W&B server. */
export class WandbTracker implements Tracker {
  readonly name = "wandb";
  readonly place: string;
  readonly experiment: string;
  readonly entity: string | null;
  readonly pointsAtOnce = 10_000;
  /** They stand in its summary, as W&B's callback in Transformers has them. */
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
