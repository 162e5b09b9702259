/**
 * @file Several rankings of the same passages as one, and a second look at the best of one.
 */
import { byScore, type Hit } from "./top-hits.ts";

/**
 * Ranks passages by the sum of 1 / (60 + rank) over all rankings that have them. Scores of different kinds (words,
 * vectors) need not be comparable, since ranks alone count.
 *
 * @param rankings each best first
 * @source Cormack, Clarke and Buettcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank
 *   learning methods", with its constant of 60
 */
export function fuseRankings(rankings: readonly (readonly Hit[])[], most: number): Hit[] {
  const scores = new Map<number, number>();
  for (const hits of rankings) {
    hits.forEach(({ passage }, at) => {
      scores.set(passage, (scores.get(passage) ?? 0) + 1 / (60 + at + 1));
    });
  }
  const fused = [...scores].map(([passage, score]) => ({ passage, score }));
  return fused.sort(byScore).slice(0, most);
}

/**
 * Puts the first few hits into the order of another score, such as a model's that reads question and passage together.
 *
 * @param first how many are looked at again; those behind keep their order and their old scores
 * @param score called for one passage after the other; higher is better
 */
export async function rerank(
  hits: readonly Hit[],
  first: number,
  score: (passage: number) => number | Promise<number>,
): Promise<Hit[]> {
  const again: Hit[] = [];
  for (const { passage } of hits.slice(0, first)) again.push({ passage, score: await score(passage) });
  // of equal scores the one that stood first stays first
  return [...again.sort((a, b) => b.score - a.score), ...hits.slice(first)];
}
