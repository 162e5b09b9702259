/**
 * @file So many questions at the same time, the others in the order they came.
 */

/** Does a work once there is room. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** @param most works at the same time, at least 1 */
export function createGate(most: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside < most) inside++;
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
