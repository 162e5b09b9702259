/**
 * @file How a trial stands, as promotion sees it.
 */

/** A trial as promotion sees it. */
export interface Standing {
  readonly id: number;
  /** Loss at each rung that was reached, by the rung's number; infinite where it failed on the way there. */
  readonly losses: ReadonlyMap<number, number>;
  /** The rung it is being trained to, or `null` where it rests. */
  readonly runningTo: number | null;
}

/** The highest rung that a trial has a result at or is on its way to; -1 for none. */
export function reachOf(standing: Standing): number {
  return Math.max(-1, standing.runningTo ?? -1, ...standing.losses.keys());
}

/** Trials with a result at a rung, best first; ties go to the lower id, failures stand last. */
export function ranking(standings: readonly Standing[], rung: number): Standing[] {
  const there = standings.filter(({ losses }) => losses.has(rung));
  const lossOf = ({ losses }: Standing) => losses.get(rung) ?? Number.POSITIVE_INFINITY;
  return there.sort((a, b) => {
    const [first, second] = [lossOf(a), lossOf(b)];
    return first === second ? a.id - b.id : first < second ? -1 : 1;
  });
}
