/** @file Lets few works through at the same time, the others in the order they came. */

/** Does a work once there is room. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Does a work once there is room, or gives `null` at once where too many wait already. */
export type BoundedGate = <Result>(work: () => Promise<Result>) => Promise<Result | null>;

/**
 * Gives a gate.
 *
 * @param atOnce works at the same time, at least 1
 * @param waitingMost works that may wait; default: any number
 */
export function createGate(atOnce: number): Gate;
export function createGate(atOnce: number, waitingMost: number): BoundedGate;
export function createGate(atOnce: number, waitingMost: number = Number.POSITIVE_INFINITY): BoundedGate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside < atOnce) inside++;
    else if (waiting.length >= waitingMost) return null;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place, so that nobody slips in between.
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
