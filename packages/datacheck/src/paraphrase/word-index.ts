/**
 * @file Inverted index of all known rows by words and word bigrams, with weights for the cosine.
 *
 * @source Salton and Buckley 1988, term weighting: binary term frequency, idf = ln((1 + N) / (1 + rows)) + 1, L2 norm
 */

import { NumberList } from "../near/number-list.ts";
import { gramBuffer, wordGrams } from "./grams.ts";
import { Vocabulary } from "./vocabulary.ts";
import type { WordReader } from "./word-reader.ts";

/**
 * Weight of a bigram relative to a word of the same rarity: bigrams capture relations, but a paraphrase breaks most
 * of them. Chosen between 0.5 (best for short questions) and 1 (best for code).
 */
const pairWeight = 0.6;

/** An unknown gram may be a synonym of a known one, so half of its weight counts against the match. */
export const unknownWeight = 0.5;

/** Known rows and their grams; row `r` has `grams[offsets[r]]` to `grams[offsets[r + 1]]`. */
export interface WordIndex {
  readonly vocabulary: Vocabulary;
  /** Weight of each gram. */
  readonly weights: Float32Array;
  readonly offsets: Uint32Array;
  readonly grams: Uint32Array;
  /** Norm of each row's vector. */
  readonly norms: Float32Array;
  /** Rows by gram, in the same layout. */
  readonly rowOffsets: Uint32Array;
  readonly rows: Uint32Array;
  /** Weights of a word and of a bigram that no known row has. */
  readonly unknownWord: number;
  readonly unknownPair: number;
}

/** Indexes all known rows. */
export function indexWords(texts: readonly string[], reader: WordReader): WordIndex {
  const vocabulary = new Vocabulary();
  const offsets = new Uint32Array(texts.length + 1);
  const list = new NumberList();
  const isPair = new NumberList();
  const buffer = gramBuffer();
  for (const [row, text] of texts.entries()) {
    reader.read(text);
    wordGrams(reader, buffer);
    for (let at = 0; at < buffer.count; at++) {
      const known = vocabulary.size;
      const id = vocabulary.add(buffer.hashes[at] as number);
      if (id === known) isPair.push(at >= buffer.words ? 1 : 0);
      vocabulary.count(id);
      list.push(id);
    }
    offsets[row + 1] = list.length;
  }
  const weights = weigh(vocabulary, isPair.view(), texts.length);
  const grams = list.view().slice();
  return {
    vocabulary,
    weights,
    offsets,
    grams,
    norms: normsOf(offsets, grams, weights),
    ...invert(vocabulary, offsets, grams),
    unknownWord: unknownWeight * idf(0, texts.length),
    unknownPair: unknownWeight * pairWeight * idf(0, texts.length),
  };
}

/** Inverse document frequency of a gram. */
export function idf(rowsWith: number, rows: number): number {
  return Math.log((1 + rows) / (1 + rowsWith)) + 1;
}

function weigh(vocabulary: Vocabulary, isPair: Uint32Array, rows: number): Float32Array {
  const weights = new Float32Array(vocabulary.size);
  for (let id = 0; id < weights.length; id++) {
    weights[id] = idf(vocabulary.rowsWith(id), rows) * (isPair[id] === 1 ? pairWeight : 1);
  }
  return weights;
}

function normsOf(offsets: Uint32Array, grams: Uint32Array, weights: Float32Array): Float32Array {
  const norms = new Float32Array(offsets.length - 1);
  for (let row = 0; row < norms.length; row++) {
    let sum = 0;
    const end = offsets[row + 1] as number;
    for (let at = offsets[row] as number; at < end; at++)
      sum += (weights[grams[at] as number] as number) ** 2;
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}

function invert(
  vocabulary: Vocabulary,
  offsets: Uint32Array,
  grams: Uint32Array,
): { rowOffsets: Uint32Array; rows: Uint32Array } {
  const rowOffsets = new Uint32Array(vocabulary.size + 1);
  for (let id = 0; id < vocabulary.size; id++) {
    rowOffsets[id + 1] = (rowOffsets[id] as number) + vocabulary.rowsWith(id);
  }
  const next = rowOffsets.slice();
  const rows = new Uint32Array(grams.length);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const end = offsets[row + 1] as number;
    for (let at = offsets[row] as number; at < end; at++) {
      const id = grams[at] as number;
      rows[next[id] as number] = row;
      (next[id] as number)++;
    }
  }
  return { rowOffsets, rows };
}
