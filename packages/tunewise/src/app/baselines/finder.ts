/** @file Retrieves passages of a corpus by BM25, dense vectors or both, and reranks the top results. */
import type { TextReranker } from "@tunewise/engine";
import type { VectorCache } from "../../prepare/index.ts";
import type { RetrievalSection } from "../../recipe/index.ts";
import {
  buildDenseIndex,
  defaultFeedback,
  fuseRankings,
  type Hit,
  type LexicalIndex,
  searchDense,
  searchLexical,
} from "../../retrieve/index.ts";
import type { Corpus } from "./corpus.ts";

/** Returns the indices of passages for a question, best first. */
export type Find = (question: string, most: number) => Promise<readonly number[]>;

/** Number of results of each ranking that the fusion uses. */
const fusionDepth = 1000;

/** Passage texts as embedding models and rerankers receive them. */
export function passageTexts({ passages }: Pick<LexicalIndex, "passages">): string[] {
  return passages.map(({ title, text }) => (title === "" ? text : `${title}\n${text}`));
}

/** Lexical retrieval, whatever the recipe's method. It costs nothing and needs no model. */
export function lexicalFinder(
  { index }: Pick<Corpus, "index">,
  { method }: Pick<RetrievalSection, "method">,
): Find {
  return async (question, most) => numbersOf(lexicalHits(index, question, method, most));
}

/**
 * Creates a finder for the recipe's method.
 *
 * @param vectors precomputed vectors of all passages; `null` if the method needs none
 */
export function createFinder(
  corpus: Corpus,
  { method, rerank }: RetrievalSection,
  vectors: VectorCache | null,
  reranker: Pick<TextReranker, "score"> | null = null,
): Find {
  const found = vectors === null ? lexicalFinder(corpus, { method }) : denseFinder(corpus, method, vectors);
  if (reranker === null || rerank === null) return found;
  const texts = passageTexts(corpus.index);
  return async (question, most) => {
    const numbers = await found(question, Math.max(most, rerank.passages));
    const first = numbers.slice(0, rerank.passages);
    const scores = await reranker.score(
      question,
      first.map((number) => texts[number] ?? ""),
    );
    const order = first.map((_, place) => place).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    return [...order.map((place) => first[place] as number), ...numbers.slice(rerank.passages)].slice(
      0,
      most,
    );
  };
}

function denseFinder({ index }: Corpus, method: RetrievalSection["method"], vectors: VectorCache): Find {
  const all = vectors.passages(passageTexts(index));
  const mean = vectors.embedder.needsCentering
    ? subtractMean(all, vectors.size)
    : new Float32Array(vectors.size);
  const dense = all.length === 0 ? null : buildDenseIndex(all, vectors.size);
  const nearest = async (question: string, most: number): Promise<Hit[]> => {
    if (dense === null) return [];
    const vector = await vectors.question(question);
    return searchDense(
      dense,
      vector.map((value, at) => value - (mean[at] ?? 0)),
      most,
    );
  };
  if (method === "dense") return async (question, most) => numbersOf(await nearest(question, most));
  return async (question, most) => {
    const rankings = [
      lexicalHits(index, question, method, fusionDepth),
      await nearest(question, fusionDepth),
    ];
    return numbersOf(fuseRankings(rankings, most));
  };
}

function lexicalHits(
  index: LexicalIndex,
  question: string,
  method: RetrievalSection["method"],
  most: number,
): Hit[] {
  return searchLexical(index, question, {
    most,
    ...(method === "feedback" || method === "hybrid" ? { feedback: defaultFeedback } : {}),
  });
}

function numbersOf(hits: readonly Hit[]): number[] {
  return hits.map(({ passage }) => passage);
}

/**
 * Subtracts the mean vector in place and returns it. Hidden states of language models share one large direction, which
 * hides their differences.
 *
 * @source Mu and Viswanath 2018 (arXiv 1702.01417), first of its two steps
 */
function subtractMean(vectors: Float32Array, size: number): Float32Array {
  const mean = new Float64Array(size);
  const count = vectors.length / size;
  for (let at = 0; at < vectors.length; at++)
    mean[at % size] = (mean[at % size] ?? 0) + (vectors[at] ?? 0) / count;
  for (let at = 0; at < vectors.length; at++) vectors[at] = (vectors[at] ?? 0) - (mean[at % size] ?? 0);
  return Float32Array.from(mean);
}
