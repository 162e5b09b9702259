/** @file Lexical search: the best passages for a question by BM25. */
import { type Hit, TopHits } from "../rankings/top-hits.ts";
import { termsOf } from "../terms/lexicon.ts";
import { expandQuery, type Feedback } from "./feedback.ts";
import type { LexicalIndex } from "./index-of-words.ts";
import { termNumbers, type WeightedTerm } from "./term-numbers.ts";

/** Search options. */
export interface LexicalSearch {
  /** Maximum number of passages. */
  readonly most: number;
  /** Pseudo-relevance feedback: expands the question with words of the first results; absent: no expansion. */
  readonly feedback?: Feedback;
}

/**
 * Passages that share words with a question, best first.
 *
 * @returns at most `most` hits; fewer if fewer passages share a word
 * @source BM25 as in `postingsOf`; a word that stands in the question twice counts twice
 */
export function searchLexical(index: LexicalIndex, query: string, wanted: LexicalSearch): Hit[] {
  const terms = queryTerms(index, query);
  if (wanted.feedback === undefined) return bestPassages(index, terms, wanted.most);
  const first = bestPassages(index, terms, wanted.feedback.passages);
  return bestPassages(index, expandQuery(index, terms, first, wanted.feedback), wanted.most);
}

/** The question's terms that occur in the index, with their frequency in the question. */
function queryTerms(index: LexicalIndex, query: string): WeightedTerm[] {
  const numbers = termNumbers(index);
  const counts = new Map<number, number>();
  for (const term of termsOf(query, index.settings.language)) {
    const number = numbers.get(term);
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return [...counts].map(([term, weight]) => ({ term, weight }));
}

/** Score accumulators by passage, all zero between searches, so that none has to allocate them again. */
const sums = new WeakMap<LexicalIndex, Float64Array>();

/**
 * Accumulates the scores of passages term by term.
 *
 * Skipping terms that cannot change the result (MaxScore) was tried: over 100,000 passages, finding what may be
 * skipped took as long as adding it up, for 8 words as for 60.
 */
function bestPassages(index: LexicalIndex, terms: readonly WeightedTerm[], most: number): Hit[] {
  const { starts, passages, impacts } = index.postings;
  const scores = sums.get(index) ?? new Float64Array(index.passages.length);
  sums.set(index, scores);
  for (const { term, weight } of terms) {
    const end = starts[term + 1] as number;
    for (let at = starts[term] as number; at < end; at++) {
      const passage = passages[at] as number;
      scores[passage] = (scores[passage] as number) + weight * (impacts[at] as number);
    }
  }
  const top = new TopHits(Math.min(most, scores.length));
  let threshold = 0;
  for (let passage = 0; passage < scores.length; passage++) {
    const score = scores[passage] as number;
    if (score === 0) continue;
    scores[passage] = 0;
    if (score <= threshold) continue;
    top.offer(passage, score);
    threshold = Math.max(0, top.threshold);
  }
  return top.hits();
}
