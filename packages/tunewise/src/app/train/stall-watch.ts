/**
 * @file Notices an execution that reports nothing although it should: it is asked to save and stop, and ended if it
 * does not react. What may take long without a report is left alone: loading, evaluating, writing files.
 *
 * Silence is counted in ticks of this process, each at most as long as a tick: a process that was suspended, or a
 * machine that slept, has heard nothing meanwhile and knows nothing.
 */

import { type Seconds, seconds, secondsText } from "@tunewise/core/quantity";
import type { Execution, ExecutionEvent, Numbered, Verdict } from "@tunewise/core/run";
import { checkStall } from "../../guard/index.ts";
import { problem } from "../../problem/index.ts";

/** How long a run may report nothing, unless said otherwise. */
export const defaultStallSeconds: Seconds = seconds(1800);
/** How long a run that was asked to stop may take to react, at most. */
const maxGraceSeconds = 600;
/** Longest time between two looks. */
const maxTickMs = 10_000;
/** A step may take so many times as long as the longest one is planned or was. */
const stepFactor = 4;

/** An execution that has reported nothing for too long. */
export interface Silence {
  readonly kind: "silence";
  readonly silent: Seconds;
  readonly limit: Seconds;
  /** Whether it was asked to stop before. */
  readonly isAsked: boolean;
}

/** What a stalled run is known by. */
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

  /** @param step how long a step is planned to take */
  constructor(limit: Seconds, step: Seconds) {
    this.#limit = limit;
    this.#longest = step;
  }

  /** An event of any kind is a sign of life. */
  hear(event: ExecutionEvent): void {
    if (event.kind === "step-end") this.#longest = Math.max(this.#longest, event.wallSeconds);
    this.#silent = 0;
    this.#isOn = isSoonFollowed(event);
  }

  /** Time went by without an event. */
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

/** Whether an event is followed by another one within a step's time. */
function isSoonFollowed(event: ExecutionEvent): boolean {
  if (event.kind === "work-start") return event.work === "train";
  return event.kind !== "write-start";
}

/** Events of an execution, with its silence among them. */
export class WatchedEvents {
  readonly #events: AsyncIterator<Numbered<ExecutionEvent>>;
  readonly #execution: Pick<Execution, "isActive">;
  readonly #clock: StallClock;
  readonly #tickMs: number;
  #coming: Promise<IteratorResult<Numbered<ExecutionEvent>>> | null = null;

  /** @param step how long a step is planned to take */
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

  /** The next event, or that none comes. */
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
 * Asks a run that reports nothing to save and stop, and ends one that was asked before.
 *
 * @returns the verdict to be recorded
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
