/** @file Whether short training ranked trials as longer training did, for every pair of adjacent rungs. */
import { checkRanking, type RankingCheck } from "../probe/small-to-large.ts";
import type { TrialState } from "../state/state.ts";

/** Agreement of two adjacent rungs over the trials with a result at both. */
export interface RungRanking extends RankingCheck {
  /** Units of training of both rungs. */
  readonly from: number;
  readonly to: number;
  /** Number of trials with both results; failures say nothing about the order. */
  readonly trials: number;
}

/** Minimum number of trials for an order. */
const minTrials = 2;

/**
 * Computes the agreement of each rung with the next. Promoted trials are the best of the lower rung, so they lie
 * closer together and agree less than all of its trials would.
 *
 * @param rungs units of training of each rung
 * @param seed seed of the bootstrap intervals
 */
export function rungRankings(
  trials: readonly TrialState[],
  rungs: readonly number[],
  seed: number,
): readonly RungRanking[] {
  return rungs.slice(1).flatMap((to, at) => {
    const pairs = trials.flatMap(({ losses }) => {
      const [slice, whole] = [losses.get(at), losses.get(at + 1)];
      const both = slice !== undefined && whole !== undefined && Number.isFinite(slice + whole);
      return both ? [{ slice, whole }] : [];
    });
    if (pairs.length < minTrials) return [];
    const from = rungs[at] as number;
    return [{ from, to, trials: pairs.length, ...checkRanking(pairs, "minimize", seed) }];
  });
}
