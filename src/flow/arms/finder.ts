/**
 * @file Finds passages of a corpus by words, by vectors or by both.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RetrievalSection } from "../../recipe/index.ts";
import {
  buildDenseIndex,
  type DenseIndex,
  decodeDenseIndex,
  encodeDenseIndex,
  fuseRankings,
  type Hit,
  searchDense,
  searchLexical,
  usualFeedback,
} from "../../retrieve/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import type { Corpus } from "./corpus.ts";

/** Makes vectors of texts. */
export interface Embedder {
  /** What made them: vectors of another model are of no use. */
  readonly name: string;
  readonly size: number;
  /** `[texts, size]`, flat. */
  embed(texts: readonly string[]): Promise<Float32Array>;
}

/** Numbers of the passages for a question, best first. */
export type Find = (question: string, most: number) => Promise<readonly number[]>;

/** First places of each ranking that are fused. */
const fusedMost = 100;
/** Largest file of vectors that is read back. */
const vectorsMost = 4 * 1024 ** 3;

/** A finder by the recipe's method; vectors are made once and kept beside the index. */
export async function createFinder(
  corpus: Corpus,
  { method }: RetrievalSection,
  embedder: Embedder | null,
): Promise<Find> {
  const { index } = corpus;
  const byWords = (question: string, most: number): Hit[] =>
    searchLexical(index, question, { most, ...(method === "feedback" ? { feedback: usualFeedback } : {}) });
  const numbers = (hits: readonly Hit[]): number[] => hits.map(({ passage }) => passage);
  if (method === "lexical" || method === "feedback")
    return async (question, most) => numbers(byWords(question, most));
  if (embedder === null) throw new Error(`Internal: ${method} retrieval without vectors`);
  const { dense, mean } = await openVectors(corpus, embedder);
  const byVectors = async (question: string, most: number): Promise<Hit[]> =>
    searchDense(
      dense,
      (await embedder.embed([question])).map((value, at) => value - (mean[at] ?? 0)),
      most,
    );
  if (method === "dense") return async (question, most) => numbers(await byVectors(question, most));
  return async (question, most) => {
    const rankings = [byWords(question, fusedMost), await byVectors(question, fusedMost)];
    return numbers(fuseRankings(rankings, most));
  };
}

/**
 * Vectors of all passages without their mean: hidden states of language models share one large direction, which hides
 * what tells them apart.
 *
 * @source Mu and Viswanath 2018 (arXiv 1702.01417), of whose two steps this is the first
 */
async function openVectors(
  { index, folder, fingerprint }: Corpus,
  embedder: Embedder,
): Promise<{ readonly dense: DenseIndex; readonly mean: Float32Array }> {
  const key = createHash("sha256").update(`${fingerprint} ${embedder.name}`).digest("hex").slice(0, 16);
  const path = join(folder, `vectors-${key}.idx`);
  const kept = await readKept(path, (index.passages.length + 1) * embedder.size, embedder.size);
  const all =
    kept ??
    (await makeVectors(
      index.passages.map(({ title, text }) => `${title}\n${text}`),
      embedder,
    ));
  if (kept === null) await writeWholeFile(path, encodeDenseIndex(buildDenseIndex(all, embedder.size)));
  const split = index.passages.length * embedder.size;
  return { dense: buildDenseIndex(all.slice(0, split), embedder.size), mean: all.slice(split) };
}

/** Vectors without their mean, and the mean behind them. */
async function makeVectors(texts: readonly string[], embedder: Embedder): Promise<Float32Array> {
  const { size } = embedder;
  const vectors = await embedder.embed(texts);
  const all = new Float32Array(vectors.length + size);
  for (let at = 0; at < vectors.length; at++) {
    const place = vectors.length + (at % size);
    all[place] = (all[place] ?? 0) + (vectors[at] ?? 0) / texts.length;
  }
  for (let at = 0; at < vectors.length; at++)
    all[at] = (vectors[at] ?? 0) - (all[vectors.length + (at % size)] ?? 0);
  return all;
}

async function readKept(path: string, numbers: number, size: number): Promise<Float32Array | null> {
  try {
    if ((await stat(path)).size > vectorsMost) return null;
    const { vectors, size: found } = decodeDenseIndex(new Uint8Array(await readFile(path)));
    return found === size && vectors.length === numbers ? vectors : null;
  } catch {
    return null; // missing or damaged: they are made anew
  }
}
