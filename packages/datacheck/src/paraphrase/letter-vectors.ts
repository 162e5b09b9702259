/**
 * @file Character n-gram similarity of two texts: word forms and parts of identifiers.
 *
 * @source Salton and Buckley 1988, term weighting: tf = 1 + ln(count), idf = ln((1 + N) / (1 + rows)) + 1, L2 norm
 */
import { type GramBuffer, gramBuffer, letterGrams } from "./grams.ts";
import { type SparseVector, unitVector } from "./sparse-vector.ts";
import { unknown, Vocabulary } from "./vocabulary.ts";
import { idf, unknownWeight } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";

/** Weights of character n-grams, from a sample of the known rows: more rows change them little. */
interface LetterWeights {
  readonly vocabulary: Vocabulary;
  /** Weight by n-gram. */
  readonly weights: Float32Array;
  /** Weight of an n-gram that no row of the sample has. */
  readonly unknown: number;
}

/** Counts document frequencies of the n-grams. */
export function weighLetters(texts: readonly string[]): LetterWeights {
  const vocabulary = new Vocabulary();
  const [reader, buffer] = [new WordReader(), gramBuffer()];
  for (const text of texts) {
    reader.read(text);
    letterGrams(reader, buffer);
    for (let at = 0; at < buffer.count; at++) {
      const hash = buffer.hashes[at] as number;
      if (at === 0 || hash !== buffer.hashes[at - 1]) vocabulary.count(vocabulary.add(hash));
    }
  }
  const weights = new Float32Array(vocabulary.size);
  for (let id = 0; id < weights.length; id++) weights[id] = idf(vocabulary.rowsWith(id), texts.length);
  return { vocabulary, weights, unknown: unknownWeight * idf(0, texts.length) };
}

/** Creates vectors, sharing one reader. */
export class LetterVectors {
  readonly #weights: LetterWeights;
  readonly #reader = new WordReader();
  readonly #buffer: GramBuffer = gramBuffer();

  constructor(weights: LetterWeights) {
    this.#weights = weights;
  }

  /** @param own 1 if the text is in the sample: n-grams that only it has then count as unknown */
  of(text: string, own: 0 | 1): SparseVector {
    this.#reader.read(text);
    letterGrams(this.#reader, this.#buffer);
    const { hashes, count: total } = this.#buffer;
    const [kept, weights] = [new Uint32Array(total), new Float32Array(total)];
    let [size, sum] = [0, 0];
    for (let at = 0; at < total; ) {
      const hash = hashes[at] as number;
      const first = at;
      while (at < total && hashes[at] === hash) at++;
      const count = at - first;
      const weight = (count === 1 ? 1 : 1 + Math.log(count)) * this.#rarity(hash, own);
      kept[size] = hash;
      weights[size++] = weight;
      sum += weight * weight;
    }
    return unitVector(kept, weights, sum, size);
  }

  #rarity(hash: number, own: number): number {
    const { vocabulary, weights, unknown: other } = this.#weights;
    const id = vocabulary.find(hash);
    const isElsewhere = id !== unknown && (own === 0 || vocabulary.rowsWith(id) > own);
    return isElsewhere ? (weights[id] as number) : other;
  }
}
