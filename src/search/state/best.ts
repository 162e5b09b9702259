/**
 * @file The best trial so far, compared with others at equal training alone.
 */
import type { TrialState } from "./state.ts";

/** The best trial with what it was compared at. */
export interface BestSoFar {
  readonly trial: TrialState;
  /** Number of the rung at which it is the best. */
  readonly rung: number;
  readonly loss: number;
  /** Trials with a result at that rung, failures among them. */
  readonly compared: number;
}

/**
 * The best trial at the highest rung at which at least two have a result: one that was trained further than all others
 * says nothing of them. Where no rung has two, the one trained furthest.
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
