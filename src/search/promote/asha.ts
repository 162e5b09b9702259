/**
 * @file Asynchronous successive halving: whenever a worker is free, the best of a rung go on to the next.
 */
import { ranking, reachOf, type Standing } from "./standing.ts";

/** A trial and the rung it should be trained to next. */
export interface Promotion {
  readonly id: number;
  readonly to: number;
}

/**
 * Promotions that are due, highest rung first, best trial first.
 *
 * Of the trials with a result at a rung, the best one in `factor` may go on; failures count as trials and never go on.
 *
 * @param top number of the highest rung that may be reached now
 * @param factor above 1
 * @source Li et al. 2020 (arXiv 1810.05934), algorithm 2, `get_job`
 */
export function duePromotions(standings: readonly Standing[], top: number, factor: number): Promotion[] {
  const due: Promotion[] = [];
  for (let rung = top - 1; rung >= 0; rung--) {
    const ranked = ranking(standings, rung);
    const share = ranked.slice(0, Math.floor(ranked.length / factor));
    due.push(...waiting(share, rung).map(({ id }) => ({ id, to: rung + 1 })));
  }
  return due;
}

/**
 * Promotions for money that new trials cannot use: the best that wait below the top, highest rung first, whatever
 * their share.
 */
export function sparePromotions(standings: readonly Standing[], top: number): Promotion[] {
  const spare: Promotion[] = [];
  for (let rung = top - 1; rung >= 0; rung--) {
    spare.push(...waiting(ranking(standings, rung), rung).map(({ id }) => ({ id, to: rung + 1 })));
  }
  return spare;
}

/** Those that rest at a rung with a finite result. */
function waiting(standings: readonly Standing[], rung: number): Standing[] {
  return standings.filter((standing) => {
    const loss = standing.losses.get(rung) ?? Number.POSITIVE_INFINITY;
    return reachOf(standing) === rung && standing.runningTo === null && Number.isFinite(loss);
  });
}
