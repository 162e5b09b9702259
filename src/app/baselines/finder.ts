/**
 * @file Finds passages of a corpus by words, by vectors or by both, and puts the first of them in order anew.
 */
import type { TextReranker } from "../../engine/index.ts";
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
import type { KeptVectors } from "./kept-vectors.ts";

/** Numbers of the passages for a question, best first. */
export type Find = (question: string, most: number) => Promise<readonly number[]>;

/** First places of each ranking that are fused. */
const fusedMost = 1000;

/** A passage as embedding models and rerankers read it. */
export function passageTexts({ passages }: Pick<LexicalIndex, "passages">): string[] {
  return passages.map(({ title, text }) => (title === "" ? text : `${title}\n${text}`));
}

/** Finds by words alone, whatever the recipe says: costs nothing and needs no model. */
export function finderByWords(
  { index }: Pick<Corpus, "index">,
  { method }: Pick<RetrievalSection, "method">,
): Find {
  return async (question, most) => numbersOf(byWords(index, question, method, most));
}

/**
 * A finder by the recipe's method.
 *
 * @param vectors those of all passages, made already; `null`: the method needs none
 */
export function createFinder(
  corpus: Corpus,
  { method, rerank }: RetrievalSection,
  vectors: KeptVectors | null,
  reranker: Pick<TextReranker, "score"> | null = null,
): Find {
  const found = vectors === null ? finderByWords(corpus, { method }) : findByVectors(corpus, method, vectors);
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

function findByVectors({ index }: Corpus, method: RetrievalSection["method"], vectors: KeptVectors): Find {
  const all = vectors.passages(passageTexts(index));
  const mean = vectors.embedder.isShifted ? takeMean(all, vectors.size) : new Float32Array(vectors.size);
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
    const rankings = [byWords(index, question, method, fusedMost), await nearest(question, fusedMost)];
    return numbersOf(fuseRankings(rankings, most));
  };
}

function byWords(
  index: LexicalIndex,
  question: string,
  method: RetrievalSection["method"],
  most: number,
): Hit[] {
  return searchLexical(index, question, {
    most,
    ...(method === "feedback" ? { feedback: defaultFeedback } : {}),
  });
}

function numbersOf(hits: readonly Hit[]): number[] {
  return hits.map(({ passage }) => passage);
}

/**
 * Takes the mean out of vectors: hidden states of language models share one large direction, which hides what tells
 * them apart.
 *
 * @source Mu and Viswanath 2018 (arXiv 1702.01417), of whose two steps this is the first
 */
function takeMean(vectors: Float32Array, size: number): Float32Array {
  const mean = new Float64Array(size);
  const count = vectors.length / size;
  for (let at = 0; at < vectors.length; at++)
    mean[at % size] = (mean[at % size] ?? 0) + (vectors[at] ?? 0) / count;
  for (let at = 0; at < vectors.length; at++) vectors[at] = (vectors[at] ?? 0) - (mean[at % size] ?? 0);
  return Float32Array.from(mean);
}
