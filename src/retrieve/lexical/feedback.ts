/** @file Pseudo-relevance feedback (RM3): expands a question with words from its first results. */
import { byScore, type Hit } from "../rankings/top-hits.ts";
import type { LexicalIndex } from "./index-of-words.ts";
import type { WeightedTerm } from "./term-numbers.ts";

/** How a question is expanded. */
export interface Feedback {
  /** Number of first results assumed relevant. */
  readonly passages: number;
  /** Number of words to add. */
  readonly terms: number;
  /** Weight of the question's own words relative to the added ones, 0 to 1. */
  readonly weight: number;
  /** Words in a larger share of all passages are not added: they do not discriminate. */
  readonly mostCommon: number;
}

/**
 * Default expansion.
 *
 * @source castorini/anserini src/main/java/io/anserini/rerank/lib/Rm3Reranker.java and its defaults: 10 documents, 10
 *   terms, weight 0.5, no terms in more than a tenth of the documents
 */
export const defaultFeedback: Feedback = { passages: 10, terms: 10, weight: 0.5, mostCommon: 0.1 };

/**
 * Combines the question's terms with those of its first results.
 *
 * A result term's weight is the sum over the results of score share x count / length; the best few are normalized
 * to sum to 1, as are the question's own, and both are interpolated.
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
  // in a handful of passages most words are shared, and still describe what the results are about
  const maxPassages = Math.max(feedback.passages, feedback.mostCommon * index.passages.length);
  const weights = new Map<number, number>();
  for (const { passage, score } of hits) {
    const length = (forward.titleLengths[passage] as number) + (forward.bodyLengths[passage] as number);
    const end = forward.starts[passage + 1] as number;
    for (let at = forward.starts[passage] as number; at < end; at++) {
      const term = forward.terms[at] as number;
      const frequency = (postings.starts[term + 1] as number) - (postings.starts[term] as number);
      if (frequency > maxPassages || (index.terms[term] as string).length < 2) continue;
      const count = (forward.titleCounts[at] as number) + (forward.bodyCounts[at] as number);
      weights.set(term, (weights.get(term) ?? 0) + ((score / total) * count) / length);
    }
  }
  const ranked = [...weights].map(([passage, score]) => ({ passage, score })).sort(byScore);
  return ranked.slice(0, feedback.terms).map(({ passage, score }) => ({ term: passage, weight: score }));
}

/** Normalizes weights to sum to 1. */
function scaled(terms: readonly WeightedTerm[]): WeightedTerm[] {
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  return terms.map(({ term, weight }) => ({ term, weight: weight / total }));
}
