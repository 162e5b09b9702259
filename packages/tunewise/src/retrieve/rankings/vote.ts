/** @file Weighted k-nearest-neighbor vote over labels. */
import type { Hit } from "./top-hits.ts";

/** A label, and its share of all votes. */
export interface Vote {
  readonly label: string;
  readonly share: number;
}

/**
 * The label with the most votes, each neighbor weighted by its score; ties go to the nearest.
 *
 * @param hits the nearest training rows, best first, as `searchLexical` returns them over an index of training rows
 * @param labelOf label of an example by its number
 * @returns `null` without hits; callers may then use the most frequent label
 * @source Dudani 1976, "The Distance-Weighted k-Nearest-Neighbor Rule"
 */
export function voteLabel(hits: readonly Hit[], labelOf: (passage: number) => string): Vote | null {
  const votes = new Map<string, number>();
  let total = 0;
  for (const { passage, score } of hits) {
    const label = labelOf(passage);
    votes.set(label, (votes.get(label) ?? 0) + score);
    total += score;
  }
  let best: Vote | null = null;
  for (const [label, sum] of votes) {
    if (best === null || sum / total > best.share) best = { label, share: sum / total };
  }
  return best;
}
