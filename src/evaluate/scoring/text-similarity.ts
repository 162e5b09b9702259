/** @file Text similarity: Levenshtein distance and ROUGE-1. */
import { precisionRecall } from "../label.ts";
import { rougeTokens } from "../rouge.ts";

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
