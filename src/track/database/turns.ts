/**
 * @file Works that must not overlap, done in the order they came.
 */

/** Gives a function that waits for the works before, does its own, and lets the next one begin. */
export function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
