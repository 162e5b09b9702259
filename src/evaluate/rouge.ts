/**
 * @file ROUGE-L: how much of a reference text an answer carries in the same order.
 */
import { stem as stemOf } from "../dataset/index.ts";
import { precisionRecall } from "./label.ts";

/** Tokens of either text that are compared; work grows with the product, so hostile lengths are cut. */
const maxTokens = 10_000;

/**
 * ROUGE-L F1 of an answer: longest common subsequence of words against both lengths.
 *
 * @param rules `stem`: compare word stems (Porter) instead of words; English only
 * @returns 0 to 1; 0 where either text has no Latin letter or digit
 * @source Lin 2004, section 3.1; google-research/google-research rouge/rouge_scorer.py (rouge_score 0.1.2),
 *   `rougeL`
 */
export function rougeL(answer: string, reference: string, rules: { readonly stem: boolean }): number {
  const expected = rougeTokens(reference, rules.stem);
  const given = rougeTokens(answer, rules.stem);
  return precisionRecall(commonLength(expected, given), given.length, expected.length).f1;
}

/**
 * Lower-case runs of a-z and 0-9; longer words as stems on request.
 *
 * @source google-research/google-research rouge/tokenize.py: only words above three letters are stemmed
 */
export function rougeTokens(text: string, stem: boolean): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const kept = words.slice(0, maxTokens);
  return stem ? kept.map((word) => (word.length > 3 ? stemOf(word) : word)) : kept;
}

/** Length of the longest common subsequence, with two rows of the table instead of all. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const ids = new Map<string, number>();
  const numbered = (words: readonly string[]) =>
    Int32Array.from(words, (word) => {
      const id = ids.get(word) ?? ids.size;
      ids.set(word, id);
      return id;
    });
  const [left, right] = [numbered(a), numbered(b)];
  let previous = new Int32Array(right.length + 1);
  let row = new Int32Array(right.length + 1);
  for (let i = 0; i < left.length; i++) {
    for (let j = 1; j <= right.length; j++) {
      row[j] =
        left[i] === right[j - 1] ? (previous[j - 1] ?? 0) + 1 : Math.max(previous[j] ?? 0, row[j - 1] ?? 0);
    }
    [previous, row] = [row, previous];
  }
  return previous[right.length] ?? 0;
}
