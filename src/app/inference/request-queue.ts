/**
 * @file Turns at the engine, which does one thing at a time: first come, first served, and only so many may wait.
 */
import { problem } from "../../problem/index.ts";

/** A line of callers. */
export interface Turns {
  /** How many wait, the one at work aside. */
  readonly waiting: number;
  /**
   * Waits for a turn; the function it gives ends the turn and must be called.
   *
   * @throws {TunewiseError} `QUEUE_FULL` at once; whatever the signal carries where it aborts the waiting
   */
  take(signal: AbortSignal): Promise<() => void>;
}

/**
 * Turns with room for `waitingMost` callers beside the one at work.
 *
 * @throws {TunewiseError} by `take` `QUEUE_FULL`
 */
export function createTurns(waitingMost: number): Turns {
  const line: (() => void)[] = [];
  let taken = false;

  const end = (): void => {
    const next = line.shift();
    if (next) next();
    else taken = false;
  };

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        line.splice(line.indexOf(go), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      line.push(go);
    });

  return {
    get waiting(): number {
      return line.length;
    },
    async take(signal): Promise<() => void> {
      signal.throwIfAborted();
      if (taken && line.length >= waitingMost) throw problem("QUEUE_FULL", { waiting: line.length });
      if (taken) await wait(signal);
      taken = true;
      return end;
    },
  };
}
