/**
 * @file The best passages for a question, by their words.
 */
import type { Hit } from "../rankings/top-hits.ts";
import { termsOf } from "../terms/lexicon.ts";
import { bestPassages } from "./best-passages.ts";
import { expandQuery, type Feedback } from "./feedback.ts";
import type { LexicalIndex } from "./index-of-words.ts";
import { termNumbers, type WeightedTerm } from "./term-numbers.ts";

/** What is wanted of a search. */
export interface LexicalSearch {
  /** How many passages at most. */
  readonly most: number;
  /** Words of the first results are added to the question; absent: it is taken as it is. */
  readonly feedback?: Feedback;
}

/**
 * Passages that share words with a question, best first.
 *
 * @returns at most `most`; fewer where fewer share a word
 * @source BM25 as in `postingsOf`; a word that stands in the question twice counts twice
 */
export function searchLexical(index: LexicalIndex, query: string, wanted: LexicalSearch): Hit[] {
  const terms = queryTerms(index, query);
  if (wanted.feedback === undefined) return bestPassages(index, terms, wanted.most);
  const first = bestPassages(index, terms, wanted.feedback.passages);
  return bestPassages(index, expandQuery(index, terms, first, wanted.feedback), wanted.most);
}

/** The question's terms that the index has, with how often each stands there. */
function queryTerms(index: LexicalIndex, query: string): WeightedTerm[] {
  const numbers = termNumbers(index);
  const counts = new Map<number, number>();
  for (const term of termsOf(query, index.settings.language)) {
    const number = numbers.get(term);
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return [...counts].map(([term, weight]) => ({ term, weight }));
}
