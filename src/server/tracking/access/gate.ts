/**
 * @file Lets a few works through at once and lets a few more wait.
 */

/** Gives a function that does a work when its turn comes; `null` where too many wait already. */
export function createGate(
  atOnce: number,
  waitingMost: number,
): <Result>(work: () => Promise<Result>) => Promise<Result | null> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= atOnce) {
      if (waiting.length >= waitingMost) return null;
      // Whoever ends hands its place on, so that the count stays as it is.
      await new Promise<void>((turn) => waiting.push(turn));
    } else busy++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy--;
    }
  };
}
