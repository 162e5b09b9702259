/** @file Inverted index of words over passages, built from scratch. */
import { MAX_PASSAGES } from "../limits.ts";
import type { Passage } from "../passages/passage.ts";
import { Lexicon } from "../terms/lexicon.ts";
import { type Forward, ForwardWriter } from "./forward.ts";
import { type LexicalSettings, lexicalSettings } from "./settings.ts";

/** An indexed document and its passages. */
export interface IndexedDocument {
  readonly name: string;
  /** SHA-256 of its bytes in hex. */
  readonly hash: string;
  /** Index of its first passage, and the number of passages. */
  readonly first: number;
  readonly count: number;
}

/** Everything a search needs. Terms and passages are numbered from 0. */
export interface LexicalIndex {
  readonly settings: LexicalSettings;
  /** Empty if passages were passed in without documents. */
  readonly documents: readonly IndexedDocument[];
  readonly passages: readonly Passage[];
  readonly terms: readonly string[];
  readonly forward: Forward;
  readonly postings: Postings;
}

/**
 * Builds an index over passages of any origin, such as training rows from which few-shot examples are chosen.
 *
 * @example
 * const index = buildLexicalIndex(rows.map((text, row) => ({ document: "train", title: "", place: null, text })));
 * const [nearest] = searchLexical(index, "reset my password", { most: 4 });
 */
export function buildLexicalIndex(
  passages: readonly Passage[],
  settings: Partial<LexicalSettings> = {},
): LexicalIndex {
  const used = lexicalSettings(settings);
  const lexicon = new Lexicon(used.language);
  const writer = new ForwardWriter(lexicon);
  for (const passage of passages) writer.add(passage);
  return finishIndex(used, [], passages, lexicon.terms, writer.finish());
}

/** Adds postings and statistics that follow from the terms of each passage. */
export function finishIndex(
  settings: LexicalSettings,
  documents: readonly IndexedDocument[],
  passages: readonly Passage[],
  terms: readonly string[],
  forward: Forward,
): LexicalIndex {
  if (passages.length > MAX_PASSAGES) throw new Error(`Internal: more than ${MAX_PASSAGES} passages`);
  const postings = postingsOf(forward, terms.length, settings);
  return { settings, documents, passages, terms, forward, postings };
}

/** Postings of V terms; those of term t are at `starts[t]` to `starts[t + 1]`, in passage order. */
interface Postings {
  /** `[V + 1]` */
  readonly starts: Uint32Array;
  readonly passages: Uint32Array;
  /** Contribution of one occurrence of the term in a query. */
  readonly impacts: Float32Array;
  /** `[V]` maximum impact of each term. */
  readonly largest: Float32Array;
}

/**
 * Inverts the forward index by counting sort, and scores each pair of term and passage once (BM25F).
 *
 * A passage's score for a term is idf c (k1 + 1) / (k1 + c), where c adds the term's counts in title and body, each
 * times the field's weight and divided by 1 - b + b length / mean length; idf = ln(1 + (N - df + 0.5) / (df +
 * 0.5)).
 *
 * @param count V, the number of terms
 * @source Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", sections 3.4 and
 *   3.6.1 (BM25F); apache/lucene BM25Similarity.java for the idf that never is negative
 */
function postingsOf(forward: Forward, count: number, settings: LexicalSettings): Postings {
  const { terms } = forward;
  const size = forward.starts.length - 1;
  const starts = new Uint32Array(count + 1);
  for (const term of terms) starts[term + 1] = (starts[term + 1] as number) + 1;
  const weights = Float64Array.from({ length: count }, (_, term) =>
    inverseFrequency(starts[term + 1] as number, size),
  );
  for (let term = 0; term < count; term++)
    starts[term + 1] = (starts[term + 1] as number) + (starts[term] as number);
  const next = starts.slice(0, count);
  const passages = new Uint32Array(terms.length);
  const impacts = new Float32Array(terms.length);
  const largest = new Float32Array(count);
  const title = fieldScale(forward.titleLengths, settings.b, settings.titleWeight);
  const body = fieldScale(forward.bodyLengths, settings.b, settings.bodyWeight);
  for (let passage = 0; passage < size; passage++) {
    const inTitle = title(passage);
    const inBody = body(passage);
    const end = forward.starts[passage + 1] as number;
    for (let at = forward.starts[passage] as number; at < end; at++) {
      const term = terms[at] as number;
      const slot = next[term] as number;
      const weighed =
        (forward.titleCounts[at] as number) * inTitle + (forward.bodyCounts[at] as number) * inBody;
      passages[slot] = passage;
      impacts[slot] = ((weights[term] as number) * weighed * (settings.k1 + 1)) / (settings.k1 + weighed);
      if ((impacts[slot] as number) > (largest[term] as number)) largest[term] = impacts[slot] as number;
      next[term] = slot + 1;
    }
  }
  return { starts, passages, impacts, largest };
}

/**
 * The idf of a term that occurs in `frequency` of `size` passages; never negative.
 *
 * @source see `postingsOf`
 */
export function inverseFrequency(frequency: number, size: number): number {
  return Math.log(1 + (size - frequency + 0.5) / (frequency + 0.5));
}

/** Factor on counts in this field, by passage. */
function fieldScale(lengths: Uint32Array, b: number, weight: number): (passage: number) => number {
  let total = 0;
  for (const length of lengths) total += length;
  const mean = total / Math.max(1, lengths.length);
  if (mean === 0) return () => weight;
  return (passage) => {
    const length = lengths[passage] as number;
    return length === 0 ? 0 : weight / (1 - b + (b * length) / mean);
  };
}
