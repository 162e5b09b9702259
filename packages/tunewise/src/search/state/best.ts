/** @file The best trial so far, compared with others only at equal training. */
import type { TrialState } from "./state.ts";

/** The best trial and the rung at which it was compared. */
export interface BestSoFar {
  readonly trial: TrialState;
  /** Index of the rung at which it is the best. */
  readonly rung: number;
  readonly loss: number;
  /** Number of trials with a result at that rung, including failures. */
  readonly compared: number;
  /** Number of these trials that share the best loss, including the trial itself. */
  readonly tied: number;
}

/**
 * The best trial at the highest rung at which at least two have a result, because a trial that was trained further than
 * all others cannot be compared. If no rung has two results, the trial trained furthest.
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
  const tied = there.filter((one) => lossOf(one) === lossOf(trial)).length;
  return { trial, rung, loss: lossOf(trial), compared: there.length, tied };
}

/**
 * Whether a paused trial was better than the best one after the same amount of training. If so, the best one is not
 * known to be the best until this trial is trained as far.
 *
 * @param rung index of the rung at which the trial is paused
 */
export function isContender({ losses }: Pick<TrialState, "losses">, rung: number, best: BestSoFar): boolean {
  const loss = losses.get(rung) ?? Number.POSITIVE_INFINITY;
  return rung < best.rung && loss < (best.trial.losses.get(rung) ?? best.loss);
}
