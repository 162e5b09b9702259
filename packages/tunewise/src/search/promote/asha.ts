/**
 * @file Asynchronous successive halving (ASHA): whenever a worker is free, the best trials of a rung are promoted.
 *   Also selects the rung that new trials start with.
 */
import { kendall, rungPairs } from "../probe/small-to-large.ts";

/** A trial and the rung it should be trained to next. */
export interface Promotion {
  readonly id: number;
  readonly to: number;
}

/**
 * Due promotions, highest rung first, best trial first.
 *
 * Of the trials with a result at a rung, the best share of 1 / `factor` is promoted. Failures count as trials but are
 * never promoted.
 *
 * @param top index of the highest rung that may be reached now
 * @param factor above 1
 * @source Li et al. 2020 (arXiv 1810.05934), algorithm 2, `get_job`
 */
export function duePromotions(standings: readonly Standing[], top: number, factor: number): Promotion[] {
  return promotionsBelow(top, (rung) => {
    const ranked = ranking(standings, rung);
    return pausedAt(ranked.slice(0, Math.floor(ranked.length / factor)), rung);
  });
}

/**
 * Promotions with funds that new trials cannot use: the best trials waiting below the top, highest rung first,
 * regardless of their share.
 */
export function sparePromotions(standings: readonly Standing[], top: number): Promotion[] {
  return promotionsBelow(top, (rung) => pausedAt(ranking(standings, rung), rung));
}

function promotionsBelow(top: number, dueAt: (rung: number) => readonly Standing[]): Promotion[] {
  const rungs = Array.from({ length: top }, (_, at) => top - 1 - at);
  return rungs.flatMap((rung) => dueAt(rung).map(({ id }) => ({ id, to: rung + 1 })));
}

/** Trials that are paused at a rung with a finite result. */
function pausedAt(standings: readonly Standing[], rung: number): Standing[] {
  return standings.filter((standing) => {
    const loss = standing.losses.get(rung) ?? Number.POSITIVE_INFINITY;
    return reachOf(standing) === rung && standing.runningTo === null && Number.isFinite(loss);
  });
}

/** The properties of a trial that promotion uses. */
export interface Standing {
  readonly id: number;
  /** Loss at each rung reached, by rung index; infinite if it failed on the way there. */
  readonly losses: ReadonlyMap<number, number>;
  /** The rung it is being trained to, or `null` if it is paused. */
  readonly runningTo: number | null;
}

/** The highest rung at which a trial has a result or to which it is being trained; -1 for none. */
function reachOf(standing: Standing): number {
  return Math.max(-1, standing.runningTo ?? -1, ...standing.losses.keys());
}

/** Trials with a result at a rung, best first; ties go to the lower id, failures come last. */
export function ranking(standings: readonly Standing[], rung: number): Standing[] {
  const there = standings.filter(({ losses }) => losses.has(rung));
  const lossOf = ({ losses }: Standing) => losses.get(rung) ?? Number.POSITIVE_INFINITY;
  return there.sort((a, b) => {
    const [first, second] = [lossOf(a), lossOf(b)];
    return first === second ? a.id - b.id : first < second ? -1 : 1;
  });
}

/** Minimum number of trials with both results to compare two rungs. */
const minPairs = 4;

/**
 * Returns the index of the lowest rung whose ranking does not contradict the rung above it.
 *
 * If short training ranks trials in reverse, promoting by it is worse than chance. New trials then start with the
 * longer rung, until more trials show otherwise. Failures are excluded because they have no rank.
 *
 * @param top index of the highest open rung
 * @source Kendall 1945, Biometrika 33, 239-251, for the agreement; the rule is ours
 */
export function bottomRung(standings: readonly Standing[], top: number): number {
  let bottom = 0;
  while (bottom < top) {
    const pairs = rungPairs(standings, bottom);
    if (pairs.length < minPairs || kendall(pairs) >= 0) break;
    bottom++;
  }
  return bottom;
}
