/** @file The best trial so far, compared with others at equal training only. */
import type { TrialState } from "./state.ts";

/** The best trial and the rung at which it was compared. */
interface BestSoFar {
  readonly trial: TrialState;
  /** Index of the rung at which it is the best. */
  readonly rung: number;
  readonly loss: number;
  /** Number of trials with a result at that rung, including failures. */
  readonly compared: number;
}

/**
 * The best trial at the highest rung at which at least two have a result: a trial that was trained further than all
 * others has nothing to compare with. If no rung has two, the trial trained furthest.
 */
export function bestSoFar(trials: readonly TrialState[], rungs: number): BestSoFar | null {
  let furthest: BestSoFar | null = null;
  for (let rung = rungs - 1; rung >= 0; rung--) {
    const there = trials.filter(({ losses }) => losses.has(rung));
    const best = bestAt(there, rung);
    if (best === null) continue;
    if (there.length > 1) return best;
    furthest ??= best;
  }
  return furthest;
}

function bestAt(there: readonly TrialState[], rung: number): BestSoFar | null {
  const lossOf = ({ losses }: TrialState): number => losses.get(rung) ?? Number.POSITIVE_INFINITY;
  const [first, ...rest] = there.filter((trial) => Number.isFinite(lossOf(trial)));
  if (first === undefined) return null;
  const trial = rest.reduce((a, b) => (lossOf(b) < lossOf(a) ? b : a), first);
  return { trial, rung, loss: lossOf(trial), compared: there.length };
}
