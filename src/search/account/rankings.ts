/**
 * @file Did short training rank trials as longer training did? Asked of every pair of neighbouring rungs.
 */
import { checkRanking, type RankingCheck } from "../probe/small-to-large.ts";
import type { TrialState } from "../state/state.ts";

/** How two neighbouring rungs agree over the trials that have a result at both. */
export interface RungRanking extends RankingCheck {
  /** Units of training of both. */
  readonly from: number;
  readonly to: number;
  /** Trials with both results; failures say nothing of the order. */
  readonly trials: number;
}

/** Below so many trials there is no order. */
const fewest = 2;

/**
 * The agreement of each rung with the next. Trials that were promoted are the best of the lower rung, so that they lie
 * closer together than all of it, and agree less than all of it would.
 *
 * @param rungs units of training by number
 * @param seed of the intervals
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
    if (pairs.length < fewest) return [];
    const from = rungs[at] as number;
    return [{ from, to, trials: pairs.length, ...checkRanking(pairs, "minimize", seed) }];
  });
}
