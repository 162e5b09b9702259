/** @file Vectors of single texts, with the index's weights of words and word bigrams. */
import { type GramBuffer, gramBuffer, type Mask, wordGrams } from "./grams.ts";
import { type SparseVector, unitVector } from "./sparse-vector.ts";
import { unknown } from "./vocabulary.ts";
import type { WordIndex } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";

/** Hashes up to this one denote masked words, which only count in bigrams. */
export const lastMasked = 1;

/** Creates vectors, sharing one reader. */
export class WordVectors {
  readonly #index: WordIndex;
  readonly #mask: Mask | undefined;
  readonly #reader = new WordReader();
  readonly #buffer: GramBuffer = gramBuffer();

  constructor(index: WordIndex, mask?: Mask) {
    this.#index = index;
    this.#mask = mask;
  }

  /** The vector of any text. */
  of(text: string): SparseVector {
    this.#reader.read(text);
    wordGrams(this.#reader, this.#buffer, this.#mask);
    const { count, words } = this.#buffer;
    const [hashes, weights] = [new Uint32Array(count), new Float32Array(count)];
    let [word, pair, sum] = [0, words, 0];
    for (let at = 0; at < count; at++) {
      const takesWord = pair >= count || (word < words && this.#hash(word) <= this.#hash(pair));
      const hash = this.#hash(takesWord ? word++ : pair++);
      const weight = this.#weigh(hash, takesWord);
      hashes[at] = hash;
      weights[at] = weight;
      sum += weight * weight;
    }
    return unitVector(hashes, weights, sum);
  }

  #hash(at: number): number {
    return this.#buffer.hashes[at] as number;
  }

  #weigh(hash: number, isWord: boolean): number {
    if (isWord && hash <= lastMasked) return 0;
    const { vocabulary, weights, unknownWord, unknownPair } = this.#index;
    const id = vocabulary.find(hash);
    if (id !== unknown) return weights[id] as number;
    return isWord ? unknownWord : unknownPair;
  }
}
