/** @file Bounded FIFO queue for the engine, which serves one request at a time. */
import { problem } from "../../problem/index.ts";

/** A queue of requests. */
export interface RequestQueue {
  /** Number of waiting requests, without the one being served. */
  readonly waiting: number;
  /**
   * Waits for the turn of a request. The returned function ends the turn and must be called.
   *
   * @throws {TunewiseError} `QUEUE_FULL` at once; the signal's reason if it aborts the wait
   */
  take(signal: AbortSignal): Promise<() => void>;
}

/**
 * Creates a queue of at most `maxWaiting` requests beside the one being served.
 *
 * @throws {TunewiseError} by `take` `QUEUE_FULL`
 */
export function createRequestQueue(maxWaiting: number): RequestQueue {
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
      if (taken && line.length >= maxWaiting) throw problem("QUEUE_FULL", { waiting: line.length });
      if (taken) await wait(signal);
      taken = true;
      return end;
    },
  };
}
