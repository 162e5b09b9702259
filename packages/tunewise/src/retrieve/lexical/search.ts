/** @file Lexical search: the best passages for a question by BM25. */
import { byScore, type Hit, TopHits } from "../rankings/top-hits.ts";
import { termsOf } from "../terms/lexicon.ts";
import { inverseFrequency, type LexicalIndex } from "./index-of-words.ts";

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
 * @source BM25 as in `postingsOf`; a word that occurs twice in the question counts twice
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

/** Score accumulators by passage, reused by all searches; all zero between searches. */
const sums = new WeakMap<LexicalIndex, Float64Array>();

/**
 * Accumulates the scores of passages term by term.
 *
 * Skipping terms that cannot change the result (MaxScore) was no faster: over 100,000 passages, finding the terms to
 * skip took as long as adding them up, for 8 words as for 60.
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

/** How a question is expanded. */
export interface Feedback {
  /** Number of first results assumed relevant. */
  readonly passages: number;
  /** Number of words to add. */
  readonly terms: number;
  /** Weight of the question's own words relative to the added ones, 0 to 1. */
  readonly weight: number;
}

/**
 * Default expansion.
 *
 * @source chosen over four collections, each left out once: bench/retrieve/constants.mjs, see docs/benchmarks.md
 */
export const defaultFeedback: Feedback = { passages: 20, terms: 20, weight: 0.5 };

/**
 * Combines the question's terms with those of its first results.
 *
 * A result term's weight is the sum over the results of score share x count / length, times the term's idf. The idf
 * lowers the weight of words that most passages share; which words those are differs between collections, so a fixed
 * frequency cutoff does not fit all. The best terms are normalized to sum to 1, as are the question's own, and both are
 * interpolated.
 *
 * @param hits first results of the unexpanded question
 * @source Lavrenko and Croft 2001, "Relevance-Based Language Models"; Abdul-Jaleel et al. 2004, "UMass at TREC 2004:
 *   Novelty and HARD", section 2.2 (RM3)
 */
export function expandQuery(
  index: LexicalIndex,
  terms: readonly WeightedTerm[],
  hits: readonly Hit[],
  feedback: Feedback,
): WeightedTerm[] {
  const added = scaled(relevantTerms(index, hits, feedback));
  if (added.length === 0) return [...terms];
  const mixed = new Map<number, number>();
  for (const { term, weight } of scaled(terms)) mixed.set(term, feedback.weight * weight);
  for (const { term, weight } of added) {
    mixed.set(term, (mixed.get(term) ?? 0) + (1 - feedback.weight) * weight);
  }
  return [...mixed].map(([term, weight]) => ({ term, weight }));
}

function relevantTerms(index: LexicalIndex, hits: readonly Hit[], feedback: Feedback): WeightedTerm[] {
  const { forward, postings } = index;
  const total = hits.reduce((sum, { score }) => sum + score, 0);
  const weights = new Map<number, number>();
  for (const { passage, score } of hits) {
    const length = (forward.titleLengths[passage] as number) + (forward.bodyLengths[passage] as number);
    const end = forward.starts[passage + 1] as number;
    for (let at = forward.starts[passage] as number; at < end; at++) {
      const term = forward.terms[at] as number;
      if ((index.terms[term] as string).length < 2) continue;
      const count = (forward.titleCounts[at] as number) + (forward.bodyCounts[at] as number);
      weights.set(term, (weights.get(term) ?? 0) + ((score / total) * count) / length);
    }
  }
  const ranked = [...weights]
    .map(([term, weight]) => {
      const frequency = (postings.starts[term + 1] as number) - (postings.starts[term] as number);
      return { passage: term, score: weight * inverseFrequency(frequency, index.passages.length) };
    })
    .sort(byScore);
  return ranked.slice(0, feedback.terms).map(({ passage, score }) => ({ term: passage, weight: score }));
}

/** Normalizes weights to sum to 1. */
function scaled(terms: readonly WeightedTerm[]): WeightedTerm[] {
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  return terms.map(({ term, weight }) => ({ term, weight: weight / total }));
}

/** A term of the index, and its weight in a query. */
interface WeightedTerm {
  readonly term: number;
  readonly weight: number;
}

const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The number of each term. */
function termNumbers({ terms }: LexicalIndex): ReadonlyMap<string, number> {
  let numbers = known.get(terms);
  if (numbers === undefined) {
    numbers = new Map(terms.map((term, number) => [term, number]));
    known.set(terms, numbers);
  }
  return numbers;
}
