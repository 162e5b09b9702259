/**
 * @file Detects an execution that does not report although it should. Asks it to save and stop, and ends it if it does
 * not react. Work that may take long without a report (loading, evaluating, writing files) is not limited.
 *
 * Silence is counted in ticks of this process, and each tick counts at most its nominal length. Time during which the
 * process was suspended or the machine was asleep therefore does not count as silence.
 */

import { type Seconds, seconds, secondsText } from "@tunewise/core/quantity";
import type { Execution, ExecutionEvent, Numbered, Verdict } from "@tunewise/core/run";
import { checkStall } from "../../guard/index.ts";
import { problem } from "../../problem/index.ts";

/** Default maximum time without a report. */
export const defaultStallSeconds: Seconds = seconds(1800);
/** Maximum time for a run to react to a stop request. */
const maxGraceSeconds = 600;
/** Maximum interval between checks. */
const maxTickMs = 10_000;
/** A step may take this many times as long as the longest planned or measured step. */
const stepFactor = 4;

/** An execution that has reported nothing for too long. */
export interface Silence {
  readonly kind: "silence";
  readonly silent: Seconds;
  readonly limit: Seconds;
  /** Whether the execution was already asked to stop. */
  readonly isAsked: boolean;
}

/** Identity of a stalled run, and its execution. */
export interface Stalled {
  readonly runId: string;
  readonly execution: Pick<Execution, "send" | "end">;
}

/** Counts the silence of an execution. */
export class StallClock {
  readonly #limit: number;
  #longest: number;
  #silent = 0;
  #isOn = true;
  #isAsked = false;

  /** @param step planned time of a step */
  constructor(limit: Seconds, step: Seconds) {
    this.#limit = limit;
    this.#longest = step;
  }

  /** Handles an event. Every event is a sign of life. */
  hear(event: ExecutionEvent): void {
    if (event.kind === "step-end") this.#longest = Math.max(this.#longest, event.wallSeconds);
    this.#silent = 0;
    this.#isOn = isSoonFollowed(event);
  }

  /** Adds time without an event. Returns the silence if it exceeds the limit. */
  pass(time: Seconds): Silence | null {
    if (!this.#isOn) return null;
    this.#silent += time;
    const longest = Math.max(this.#limit, stepFactor * this.#longest);
    const limit = seconds(this.#isAsked ? Math.min(longest, maxGraceSeconds) : longest);
    if (this.#silent < limit) return null;
    const silence = {
      kind: "silence",
      silent: seconds(this.#silent),
      limit,
      isAsked: this.#isAsked,
    } as const;
    [this.#silent, this.#isAsked] = [0, true];
    return silence;
  }
}

/** Whether another event must follow within a step's time. */
function isSoonFollowed(event: ExecutionEvent): boolean {
  if (event.kind === "work-start") return event.work === "train";
  return event.kind !== "write-start";
}

/** An execution's events, combined with notices about its silence. */
export class WatchedEvents {
  readonly #events: AsyncIterator<Numbered<ExecutionEvent>>;
  readonly #execution: Pick<Execution, "isActive">;
  readonly #clock: StallClock;
  readonly #tickMs: number;
  #coming: Promise<IteratorResult<Numbered<ExecutionEvent>>> | null = null;

  /** @param step planned time of a step */
  constructor(
    events: AsyncIterator<Numbered<ExecutionEvent>>,
    execution: Pick<Execution, "isActive">,
    limit: Seconds,
    step: Seconds,
  ) {
    [this.#events, this.#execution] = [events, execution];
    this.#clock = new StallClock(limit, step);
    this.#tickMs = Math.min(maxTickMs, 250 * limit);
  }

  /** Returns the next event, or a notice that none has come in time. */
  async next(): Promise<IteratorResult<Numbered<ExecutionEvent> | Silence>> {
    this.#coming ??= this.#events.next();
    let ticking: ReturnType<typeof setInterval> | undefined;
    const silence = new Promise<Silence>((resolve) => {
      ticking = setInterval(() => {
        const found = this.#execution.isActive() ? this.#clock.pass(seconds(this.#tickMs / 1000)) : null;
        if (found !== null) resolve(found);
      }, this.#tickMs);
    });
    const next = await Promise.race([this.#coming, silence]).finally(() => clearInterval(ticking));
    if ("kind" in next) return { done: false, value: next };
    this.#coming = null;
    if (!next.done) this.#clock.hear(next.value);
    return next;
  }
}

/**
 * Asks a silent run to save and stop. Ends it if it was asked before.
 *
 * @returns the verdict to record
 * @throws {TunewiseError} `RUN_STALLED`
 */
export function stopStalled(
  { silent, limit, isAsked }: Silence,
  step: number,
  { runId, execution }: Stalled,
): Verdict {
  if (isAsked) {
    execution.end();
    throw problem("RUN_STALLED", { run: runId, silent: secondsText(silent), step });
  }
  execution.send({ kind: "stop" });
  return checkStall({ silent, limit, step });
}
