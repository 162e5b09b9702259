/**
 * @file A run logged to a tracking server of the team's while it works. The server may be slow, away or wrong: the
 * training neither waits for it nor ends for it, and what it lacks at the end can be sent by an export.
 */
import type { Metric } from "@tunewise/core/run";
import type { MovedPoint } from "@tunewise/tracker";
import type { LiveLogEnd, RunEnding, Tracker } from "./tracker.ts";

/** Points that wait at most; what comes beyond them is left to an export. */
const maxWaiting = 200_000;

/** Milliseconds of a live log. */
export interface LivePace {
  /** Between two requests while all is well. */
  readonly pace: number;
  /** After a request that failed; doubled up to `maxPause`. */
  readonly pause: number;
  readonly maxPause: number;
  /** How long the end of a run waits for the server. */
  readonly end: number;
}

/** A run on its way to one server. */
export class LiveLog {
  private readonly tracker: Tracker;
  private readonly stop: AbortController;
  private readonly pace: LivePace;
  private waiting: MovedPoint[] = [];
  /** Points that found no room. */
  private lost = 0;
  private hasBegun = false;
  private failure: string | null = null;
  private pauseMs: number;
  private wake: () => void = () => undefined;
  private isEnding = false;
  private readonly working: Promise<void>;
  private ended: Promise<LiveLogEnd> | null = null;

  /** @param stop breaks off the tracker's requests */
  constructor(tracker: Tracker, stop: AbortController, pace: LivePace) {
    [this.tracker, this.stop, this.pace] = [tracker, stop, pace];
    this.pauseMs = pace.pause;
    this.working = this.work();
  }

  /** Why the server wants the run to stop; `null`: it does not. */
  get stopReason(): string | null {
    return this.tracker.stopReason();
  }

  /** Takes metrics; never waits. */
  add(metrics: readonly Metric[]): void {
    const room = Math.max(0, maxWaiting - this.waiting.length);
    for (const { key, step, value, time } of metrics.slice(0, room))
      this.waiting.push({ key, step, value, ms: Date.parse(time) });
    this.lost += Math.max(0, metrics.length - room);
  }

  /** Sends what is left and how the run ended, for some seconds at most. Only the first call counts. */
  end(ending: RunEnding): Promise<LiveLogEnd> {
    this.ended ??= this.finish(ending);
    return this.ended;
  }

  /** Sends in the background until the end, and then until nothing is left. */
  private async work(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const isWell = await this.sendOnce();
      if (this.isEnding && isWell && this.waiting.length === 0) return;
      if (isWell && (this.isEnding || this.waiting.length >= this.tracker.pointsAtOnce)) continue;
      await this.rested(isWell ? this.pace.pace : this.nextPause());
    }
  }

  /** At the end of a run the time is short: pauses stay short too, unless the server itself names one. */
  private nextPause(): number {
    const pause = this.isEnding ? this.pace.pause : this.pauseMs;
    if (!this.isEnding) this.pauseMs = Math.min(2 * pause, this.pace.maxPause);
    return Math.max(pause, this.tracker.pauseMs());
  }

  /** Waits, or until somebody ends it. */
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

  /** Whether it worked; why not, is kept. */
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

  /** A request that was broken off at the deadline says less than the failure before it. */
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
