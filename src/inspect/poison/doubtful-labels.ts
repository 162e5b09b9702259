/**
 * @file Rows whose words speak as clearly for another label as words usually do for the right one.
 */
import type { WordModel } from "./word-model.ts";

/** A row with a label that its words speak against. */
export interface Doubtful {
  readonly text: number;
  /** The label that its words speak for. */
  readonly better: number;
  /** How strongly: nats by the square root of the number of words. */
  readonly strength: number;
}

/** Below this share of rows whose words speak for their label, words say too little about labels. */
const leastTelling = 0.6;

/**
 * Words must speak against a label as strongly as they speak for one in the median row; in a lower quantile where rows
 * that speak against their label are rare, this many times their share.
 */
const quantileOfShare = 4;

/**
 * Doubtful rows, the most doubtful first; none where words do not tell labels.
 *
 * Held-out disagreement, row by row. Margins are divided by the square root of the number of words, as they grow with
 * it for long rows of no clear subject.
 *
 * @param passedOver texts that are not judged
 * @source the ranking by held-out loss: arXiv 2205.12702
 */
export function findDoubtful(model: WordModel, texts: number, passedOver: ReadonlySet<number>): Doubtful[] {
  const none = new Set<number>();
  const against: Doubtful[] = [];
  const usual: number[] = [];
  for (let text = 0; text < texts; text += 1) {
    const { best, margin, words } = model.judge(text, none);
    const strength = margin / Math.sqrt(words + 1);
    if (margin < 0) usual.push(-strength);
    else if (words > 1 && !passedOver.has(text)) against.push({ text, better: best, strength });
  }
  if (usual.length < leastTelling * texts) return [];
  usual.sort((a, b) => a - b);
  const quantile = Math.min(0.5, quantileOfShare * (1 - usual.length / texts));
  const border = usual[Math.floor(quantile * usual.length)] ?? 0;
  return against.filter(({ strength }) => strength >= border).sort((a, b) => b.strength - a.strength);
}
