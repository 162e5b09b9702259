/** @file Reciprocal rank fusion of several rankings, and reranking of the best hits of one. */
import { byScore, type Hit } from "./top-hits.ts";

/**
 * Reciprocal rank fusion: ranks passages by the sum of 1 / (60 + rank) over all rankings that contain them. Scores
 * of different kinds (words, vectors) need not be comparable, because only ranks count.
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
 * Reorders the first hits by another score, such as that of a cross-encoder, which reads question and passage
 * together.
 *
 * @param first number of hits to rerank; the others keep their order and scores
 * @param score called for one passage after another; higher is better
 */
export async function rerank(
  hits: readonly Hit[],
  first: number,
  score: (passage: number) => number | Promise<number>,
): Promise<Hit[]> {
  const again: Hit[] = [];
  for (const { passage } of hits.slice(0, first)) again.push({ passage, score: await score(passage) });
  // ties keep their original order
  return [...again.sort((a, b) => b.score - a.score), ...hits.slice(first)];
}
