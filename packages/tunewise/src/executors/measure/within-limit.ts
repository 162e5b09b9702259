/** @file Runs work under a time limit, enforced by a timer and, when the event loop is busy, by checking the clock. */

/** Maximum delay of a timer. @source Node.js, timers: 2^31 - 1 */
const maxTimerMs = 2 ** 31 - 1;

/** Limits of work. */
export interface Limit {
  readonly seconds: number;
  /** Stops the work from outside. */
  readonly signal: AbortSignal;
  /** Monotonic clock. */
  readonly elapsedSeconds: () => number;
}

/**
 * Runs work until the time is up or it is stopped, and then returns `null`.
 *
 * @param work called with the signal that aborts it, and with a function that checks the clock
 */
export async function withinLimit<Result>(
  { seconds, signal: stopped, elapsedSeconds }: Limit,
  work: (signal: AbortSignal, look: () => void) => Promise<Result>,
): Promise<Result | null> {
  if (seconds <= 0 || stopped.aborted) return null;
  const start = elapsedSeconds();
  const cap = new AbortController();
  const signal = AbortSignal.any([stopped, cap.signal]);
  const timer = setTimeout(() => cap.abort(), Math.min(1000 * seconds, maxTimerMs));
  try {
    return await work(signal, () => {
      if (elapsedSeconds() - start > seconds) cap.abort();
    });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
