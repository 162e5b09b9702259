/**
 * @file A run logged to an MLflow server of the team's while it works. The server may be slow, away or wrong: the
 * training neither waits for it nor ends for it, and what it lacks at the end can be sent by an export.
 */
import { problem, TunewiseError } from "../../problem/index.ts";
import { hyperparametersOf, type Recipe, type TrackingSection } from "../../recipe/index.ts";
import type { Metric, RunStatus } from "../../run/index.ts";
import {
  beginLiveRun,
  endLiveRun,
  type LiveRun,
  livePointsMost,
  logLivePoints,
  type Rest,
} from "../../track/index.ts";
import type { Host } from "../host.ts";
import { openRest } from "../tracking/move/open-mlflow-source.ts";

/** Points that wait at most; what comes beyond them is left to an export. */
const waitingMost = 200_000;
/** Milliseconds of a live log. */
export interface LivePace {
  /** Between two requests while all is well. */
  readonly pace: number;
  /** After a request that failed; doubled up to `pauseMost`. */
  readonly pause: number;
  readonly pauseMost: number;
  /** How long the end of a run waits for the server. */
  readonly end: number;
}

const usualPace: LivePace = { pace: 2_000, pause: 5_000, pauseMost: 60_000, end: 15_000 };

/** How a live log ended. */
export interface LiveLogEnd {
  /** Without credentials. */
  readonly place: string;
  /** Why the server lacks something; `null`: it has everything. */
  readonly reason: string | null;
}

/** A run on its way to a server. */
export interface LiveLog {
  /** Takes metrics; never waits. */
  add(metrics: readonly Metric[]): void;
  /**
   * Sends what is left and how the run ended, for some seconds at most. Only the first call counts.
   *
   * @param points how many points the record here has
   */
  end(status: RunStatus, endedMs: number, points: () => Promise<number>): Promise<LiveLogEnd>;
}

/**
 * The address that a recipe names, that of the environment for `env`; `null`: none is asked.
 *
 * @throws {TunewiseError} `TRACKING_ADDRESS_UNFIT`
 */
export function liveAddress(
  { mlflow }: TrackingSection,
  { environment }: Pick<Host, "environment">,
): string | null {
  if (mlflow === null) return null;
  const address = mlflow === "env" ? (environment["MLFLOW_TRACKING_URI"] ?? "") : mlflow;
  if (/^https?:\/\//i.test(address) && URL.canParse(address)) return address;
  const found = address === "" ? "it is not set" : "it is no http or https address";
  throw problem("TRACKING_ADDRESS_UNFIT", { found });
}

/** Opens a live log where the recipe asks for one; nothing is sent before the training has a turn. */
export function openLiveLog(
  recipe: Recipe,
  run: Pick<LiveRun, "id" | "startedMs" | "tags">,
  host: Pick<Host, "cwd" | "environment">,
  pace: LivePace = usualPace,
): LiveLog | null {
  const address = liveAddress(recipe.tracking, host);
  if (address === null) return null;
  const stop = new AbortController();
  const rest = openRest(address, { cwd: host.cwd, env: host.environment, signal: stop.signal });
  const { experiment } = recipe.tracking;
  const params = Object.entries(hyperparametersOf(recipe)).map(([key, value]) => ({ key, value }));
  const person = host.environment["USER"] ?? host.environment["LOGNAME"] ?? "";
  const told = { ...run, experiment: experiment ?? recipe.name, name: run.id, person, params };
  return new MlflowLog(rest, told, stop, pace);
}

class MlflowLog implements LiveLog {
  private readonly rest: Rest;
  private readonly run: LiveRun;
  private readonly stop: AbortController;
  private waiting: Metric[] = [];
  /** Points that found no room. */
  private lost = 0;
  private id: string | null = null;
  private failure: string | null = null;
  private readonly pace: LivePace;
  private pauseMs: number;
  private wake: () => void = () => undefined;
  private isEnding = false;
  private readonly working: Promise<void>;
  private ended: Promise<LiveLogEnd> | null = null;

  constructor(rest: Rest, run: LiveRun, stop: AbortController, pace: LivePace) {
    [this.rest, this.run, this.stop, this.pace] = [rest, run, stop, pace];
    this.pauseMs = pace.pause;
    this.working = this.work();
  }

  add(metrics: readonly Metric[]): void {
    const room = Math.max(0, waitingMost - this.waiting.length);
    this.waiting.push(...metrics.slice(0, room));
    this.lost += Math.max(0, metrics.length - room);
  }

  end(status: RunStatus, endedMs: number, points: () => Promise<number>): Promise<LiveLogEnd> {
    this.ended ??= this.finish(status, endedMs, points);
    return this.ended;
  }

  /** Sends in the background until the end, and then until nothing is left. */
  private async work(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const isWell = await this.sendOnce();
      if (this.isEnding && isWell && this.waiting.length === 0) return;
      if (isWell && this.waiting.length >= livePointsMost) continue;
      await this.rested(isWell ? this.pace.pace : this.isEnding ? this.pace.pause : this.nextPause());
    }
  }

  private nextPause(): number {
    const pause = this.pauseMs;
    this.pauseMs = Math.min(2 * pause, this.pace.pauseMost);
    return pause;
  }

  /** Waits, or until somebody ends it. */
  private rested(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  private async sendOnce(): Promise<boolean> {
    try {
      this.id ??= await beginLiveRun(this.rest, this.run);
      const points = this.waiting.slice(0, livePointsMost);
      if (points.length > 0) {
        const moved = points.map(({ key, step, value, time }) => ({
          key,
          step,
          value,
          ms: Date.parse(time),
        }));
        await logLivePoints(this.rest, this.id, moved);
      }
      this.waiting = this.waiting.slice(points.length);
      [this.failure, this.pauseMs] = [null, this.pace.pause];
      return true;
    } catch (error) {
      this.failure = TunewiseError.is(error) || error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  private async finish(
    status: RunStatus,
    endedMs: number,
    points: () => Promise<number>,
  ): Promise<LiveLogEnd> {
    this.isEnding = true;
    this.wake();
    const deadline = setTimeout(() => {
      this.stop.abort();
      this.wake();
    }, this.pace.end);
    try {
      await this.working;
      if (this.id !== null && !this.stop.signal.aborted) {
        const all = this.lost === 0 ? await points() : null;
        await endLiveRun(this.rest, this.id, status, endedMs, all);
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(deadline);
      this.stop.abort();
    }
    return { place: this.rest.place, reason: this.reason() };
  }

  private reason(): string | null {
    const missing = this.waiting.length + this.lost;
    if (this.failure === null && missing === 0) return null;
    const count = missing > 0 ? `${missing} points were not sent` : "its end was not sent";
    return this.failure === null ? count : `${count}: ${this.failure}`;
  }
}
