/** @file Progressive ASHA (PASHA): opens higher rungs only while longer training changes the ranking. */
import { ranking, type Standing } from "./asha.ts";

/** Intermediate results of a trial, by ascending units of training. */
export type LossCurve = readonly (readonly [number, number])[];

/** Quantile of gaps between crossing curves that counts as noise. */
const chanceShare = 0.9;

/**
 * Returns the index of the highest open rung.
 *
 * Starts with the second rung, and opens one more as long as the two highest open rungs rank their common trials
 * differently. Results within `epsilon` of each other count as equal.
 *
 * @param rungs units of training of each rung
 * @param curves curve of every trial by id
 * @source Bohdal et al. 2023, PASHA: Efficient HPO and NAS with Progressive Resource Allocation (ICLR 2023),
 *   algorithm 1
 */
export function openTop(
  standings: readonly Standing[],
  rungs: readonly number[],
  curves: ReadonlyMap<number, LossCurve>,
): number {
  let top = Math.min(1, rungs.length - 1);
  while (top < rungs.length - 1 && ranking(standings, top).length > 0) {
    const there = ranking(standings, top).map(({ id }) => curves.get(id) ?? []);
    if (isStable(standings, top, crossingGap(there, rungs[top] as number))) break;
    top++;
  }
  return top;
}

/**
 * Whether two rungs rank their common trials in the same order.
 *
 * At each position of the upper ranking, the trial's lower result must be within `epsilon` of the one at that
 * position of the lower ranking.
 *
 * @source Bohdal et al. 2023, section 4.1, soft ranking
 */
export function isStable(standings: readonly Standing[], top: number, epsilon: number): boolean {
  const both = standings.filter(({ losses }) => losses.has(top) && losses.has(top - 1));
  const upper = ranking(both, top);
  const lower = ranking(both, top - 1);
  const lossOf = (standing: Standing | undefined) =>
    standing?.losses.get(top - 1) ?? Number.POSITIVE_INFINITY;
  return upper.every((standing, place) => {
    const [own, stood] = [lossOf(standing), lossOf(lower[place])];
    return own === stood || Math.abs(own - stood) <= epsilon;
  });
}

/**
 * Noise estimate: over all pairs of trials whose curves cross and cross back, the 90th percentile of their gaps
 * where both were last measured.
 *
 * @param upTo maximum units of training considered
 * @returns 0 if no two curves cross twice
 * @source Bohdal et al. 2023, section 4.2, epsilon by noise of the ranking
 */
export function crossingGap(curves: readonly LossCurve[], upTo: number): number {
  const gaps: number[] = [];
  for (const [at, first] of curves.entries()) {
    for (const second of curves.slice(at + 1)) {
      const differences = sharedDifferences(first, second, upTo);
      if (crossings(differences) >= 2) gaps.push(Math.abs(differences.at(-1) ?? 0));
    }
  }
  if (gaps.length === 0) return 0;
  gaps.sort((a, b) => a - b);
  return gaps[Math.ceil(chanceShare * gaps.length) - 1] ?? 0;
}

/** First minus second wherever both were measured. */
function sharedDifferences(first: LossCurve, second: LossCurve, upTo: number): number[] {
  const losses = new Map(second);
  return first.flatMap(([units, loss]) => {
    const other = losses.get(units);
    return units <= upTo && other !== undefined && Number.isFinite(loss - other) ? [loss - other] : [];
  });
}

function crossings(differences: readonly number[]): number {
  const signs = differences.map(Math.sign).filter((sign) => sign !== 0);
  return signs.filter((sign, at) => at > 0 && sign !== signs[at - 1]).length;
}
