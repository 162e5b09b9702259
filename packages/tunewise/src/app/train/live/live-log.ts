/**
 * @file Logs a run to the team's tracking server during training. Training never waits for a slow server and never
 * fails because of a broken one. An export can later send what the server lacks.
 */
import type { Metric } from "@tunewise/core/run";
import type { MovedPoint } from "@tunewise/tracker";
import type { LiveLogEnd, RunEnding, Tracker } from "./tracker.ts";

/** Maximum number of waiting points. Further points are left to an export. */
const maxWaiting = 200_000;

/** Intervals of a live log, in milliseconds. */
export interface LivePace {
  /** Between two successful requests. */
  readonly pace: number;
  /** After a failed request. Doubled each time up to `maxPause`. */
  readonly pause: number;
  readonly maxPause: number;
  /** Maximum time that the end of a run waits for the server. */
  readonly end: number;
}

/** Logs a run to one server. */
export class LiveLog {
  private readonly tracker: Tracker;
  private readonly stop: AbortController;
  private readonly pace: LivePace;
  private waiting: MovedPoint[] = [];
  /** Number of points dropped because too many were waiting. */
  private lost = 0;
  private hasBegun = false;
  private failure: string | null = null;
  private pauseMs: number;
  private wake: () => void = () => undefined;
  private isEnding = false;
  private readonly working: Promise<void>;
  private ended: Promise<LiveLogEnd> | null = null;

  /** @param stop aborts the tracker's requests */
  constructor(tracker: Tracker, stop: AbortController, pace: LivePace) {
    [this.tracker, this.stop, this.pace] = [tracker, stop, pace];
    this.pauseMs = pace.pause;
    this.working = this.work();
  }

  /** Why the server requests a stop of the run; `null` if it does not. */
  get stopReason(): string | null {
    return this.tracker.stopReason();
  }

  /** Queues metrics. Never waits. */
  add(metrics: readonly Metric[]): void {
    const room = Math.max(0, maxWaiting - this.waiting.length);
    for (const { key, step, value, time } of metrics.slice(0, room))
      this.waiting.push({ key, step, value, ms: Date.parse(time) });
    this.lost += Math.max(0, metrics.length - room);
  }

  /**
   * Sends the remaining points and the outcome of the run, for a few seconds at most. Only the first call has an
   * effect.
   */
  end(ending: RunEnding): Promise<LiveLogEnd> {
    this.ended ??= this.finish(ending);
    return this.ended;
  }

  /** Sends points in the background until the end of the run, and then until none are left. */
  private async work(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const isWell = await this.sendOnce();
      if (this.isEnding && isWell && this.waiting.length === 0) return;
      if (isWell && (this.isEnding || this.waiting.length >= this.tracker.pointsAtOnce)) continue;
      await this.rested(isWell ? this.pace.pace : this.nextPause());
    }
  }

  /**
   * The pause after a failed request. At the end of a run pauses stay short, unless the server requests a longer one.
   */
  private nextPause(): number {
    const pause = this.isEnding ? this.pace.pause : this.pauseMs;
    if (!this.isEnding) this.pauseMs = Math.min(2 * pause, this.pace.maxPause);
    return Math.max(pause, this.tracker.pauseMs());
  }

  /** Waits for a time, or until `wake` is called. */
  private rested(milliseconds: number): Promise<void> {
    if (this.stop.signal.aborted) return Promise.resolve();
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  private sendOnce(): Promise<boolean> {
    return this.attempt(async () => {
      if (!this.hasBegun) await this.tracker.begin();
      this.hasBegun = true;
      const sent = await this.tracker.log(this.waiting);
      this.waiting = this.waiting.slice(sent);
      this.pauseMs = this.pace.pause;
    });
  }

  private endOnce(ending: RunEnding): Promise<boolean> {
    return this.attempt(() => this.tracker.end(ending, this.lost === 0));
  }

  /** Runs a request and returns whether it succeeded. Stores the reason for a failure. */
  private async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = this.reasonOf(error);
      return false;
    }
  }

  private async finish(ending: RunEnding): Promise<LiveLogEnd> {
    if (this.tracker.logsResults) this.add(ending.results);
    this.isEnding = true;
    this.wake();
    const deadline = setTimeout(() => {
      this.stop.abort();
      this.wake();
    }, this.pace.end);
    try {
      await this.working;
      while (!(this.stop.signal.aborted || (await this.endOnce(ending)))) await this.rested(this.nextPause());
    } finally {
      clearTimeout(deadline);
      this.stop.abort();
    }
    const { name, place, experiment, entity } = this.tracker;
    return { tracker: name, place, experiment, entity, reason: this.reason() };
  }

  /**
   * The reason for a failure. A request aborted at the deadline reports the previous failure, which is more
   * informative.
   */
  private reasonOf(error: unknown): string {
    if (this.stop.signal.aborted) return this.failure ?? "the server did not answer in time";
    return error instanceof Error ? error.message : String(error);
  }

  private reason(): string | null {
    const missing = this.waiting.length + this.lost;
    if (this.failure === null && missing === 0) return null;
    const count = missing > 0 ? `${missing} points were not sent` : "its end was not sent";
    return this.failure === null ? count : `${count}: ${this.failure}`;
  }
}
