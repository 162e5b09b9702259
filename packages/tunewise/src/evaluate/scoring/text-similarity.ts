/** @file Text similarity: Levenshtein distance, ROUGE-1 and ROUGE-L. */

import { stem as stemOf } from "@tunewise/datacheck/dataset";
import { precisionRecall } from "../label.ts";

/** Maximum number of characters compared per text; the cost grows with the product of both lengths. */
const maxCharacters = 10_000;

/**
 * Edit distance in characters: insertions, deletions and substitutions.
 *
 * @source Levenshtein 1966, Soviet Physics Doklady 10, 707-710
 */
export function levenshtein(a: string, b: string): number {
  const [left, right] = [[...a.slice(0, maxCharacters)], [...b.slice(0, maxCharacters)]];
  let row = Uint32Array.from({ length: right.length + 1 }, (_, at) => at);
  let next = new Uint32Array(right.length + 1);
  left.forEach((character, at) => {
    next[0] = at + 1;
    for (let to = 1; to <= right.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (character === right[to - 1] ? 0 : 1);
      next[to] = Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1);
    }
    [row, next] = [next, row];
  });
  return row[right.length] ?? 0;
}

/**
 * F1 of the unigrams that both texts share.
 *
 * @source Lin 2004, ROUGE-1; F1 as js-rouge gives it, which promptfoo uses
 */
export function rougeN(answer: string, reference: string): number {
  const [given, expected] = [rougeTokens(answer, false), rougeTokens(reference, false)];
  const left = new Map<string, number>();
  for (const word of expected) left.set(word, (left.get(word) ?? 0) + 1);
  let right = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count > 0) right++;
    left.set(word, count - 1);
  }
  return precisionRecall(right, given.length, expected.length).f1;
}

/** Maximum number of tokens compared per text; the cost grows with the product of both lengths. */
const maxTokens = 10_000;

/**
 * ROUGE-L F1 of an answer: longest common subsequence of words relative to both lengths.
 *
 * @param rules `stem`: compare Porter stems instead of words; English only
 * @returns 0 to 1; 0 if either text has no Latin letter or digit
 * @source Lin 2004, section 3.1; google-research/google-research rouge/rouge_scorer.py (rouge_score 0.1.2),
 *   `rougeL`
 */
export function rougeL(answer: string, reference: string, rules: { readonly stem: boolean }): number {
  const expected = rougeTokens(reference, rules.stem);
  const given = rougeTokens(answer, rules.stem);
  return precisionRecall(commonLength(expected, given), given.length, expected.length).f1;
}

/**
 * Splits a text into lowercase runs of a-z and 0-9, stemming longer words on request.
 *
 * @source google-research/google-research rouge/tokenize.py: only words above three letters are stemmed
 */
export function rougeTokens(text: string, stem: boolean): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const kept = words.slice(0, maxTokens);
  return stem ? kept.map((word) => (word.length > 3 ? stemOf(word) : word)) : kept;
}

/** Length of the longest common subsequence; dynamic programming over two rows of the table. */
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
