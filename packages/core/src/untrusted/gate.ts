/** @file Limits how many tasks run at the same time; the others wait in order of arrival. */

/** Runs a task once a slot is free. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs a task once a slot is free, or returns `null` immediately if too many tasks are waiting. */
export type BoundedGate = <Result>(work: () => Promise<Result>) => Promise<Result | null>;

/**
 * Creates a gate.
 *
 * @param atOnce max. concurrent tasks, at least 1
 * @param maxWaiting max. waiting tasks; default: unlimited
 */
export function createGate(atOnce: number): Gate;
export function createGate(atOnce: number, maxWaiting: number): BoundedGate;
export function createGate(atOnce: number, maxWaiting: number = Number.POSITIVE_INFINITY): BoundedGate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside < atOnce) inside++;
    else if (waiting.length >= maxWaiting) return null;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      // The slot passes directly to the next waiting task, so that a new one cannot take it first.
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
