/**
 * @file How much content two texts share, and whether the shared words span both completely.
 *
 * Similarity alone mistakes a phrase that two rows quote for a paraphrase, and two frequent words of a short row for
 * half of it. A paraphrase shares many or rare words, in any order, from beginning to end.
 */
import { numberWords } from "./numbers.ts";
import { stemHash } from "./stem.ts";
import { unknown } from "./vocabulary.ts";
import { idf, type WordIndex } from "./word-index.ts";
import { WordReader, wordMarks } from "./word-reader.ts";

/** The distinct words of a text in order of first use, with their rarity. */
export interface WordTrail {
  /** Weight of each word by hash, in text order. */
  readonly weights: ReadonlyMap<number, number>;
  /** Sum of the weights. */
  readonly total: number;
}

/**
 * Numbers and names weigh more than equally rare words, since a paraphrase keeps them. Chosen on rephrased questions of
 * GSM8K and on planted paraphrases, which have few of either.
 */
const [numberWeight, nameWeight] = [2, 1.5];

/** Hashes of numbers in digits, by the hash of the number word. */
const digitsOf = digitsByWord();

function digitsByWord(): ReadonlyMap<number, number> {
  const reader = new WordReader();
  const hashOf = (text: string): number => {
    reader.read(text);
    return stemHash(reader, 0);
  };
  return new Map(Array.from(numberWords, ([word, value]) => [hashOf(word), hashOf(String(value))]));
}

/** Creates trails, sharing one reader. */
export class WordTrails {
  /** Weight of a word that no known row has. */
  readonly rarest: number;
  readonly #index: WordIndex;
  readonly #reader = new WordReader();

  constructor(index: WordIndex) {
    this.#index = index;
    this.rarest = idf(0, index.norms.length);
  }

  /** @param own 1 if the text is a known row: words that only it has then count as unknown */
  of(text: string, own: 0 | 1): WordTrail {
    this.#reader.read(text);
    const weights = new Map<number, number>();
    let total = 0;
    for (let word = 0; word < this.#reader.count; word++) {
      const spelled = stemHash(this.#reader, word);
      const hash = digitsOf.get(spelled) ?? spelled;
      if (weights.has(hash)) continue;
      const mark = hash === spelled ? (this.#reader.marks[word] as number) : wordMarks.number;
      const weight = this.#weigh(hash, own) * markWeight(mark);
      weights.set(hash, weight);
      total += weight;
    }
    return { weights, total };
  }

  #weigh(hash: number, own: number): number {
    const { vocabulary, weights, unknownWord } = this.#index;
    const id = vocabulary.find(hash);
    return id === unknown || vocabulary.rowsWith(id) <= own ? unknownWord : (weights[id] as number);
  }
}

function markWeight(mark: number): number {
  if ((mark & wordMarks.number) !== 0) return numberWeight;
  return mark === wordMarks.capital ? nameWeight : 1;
}

/**
 * How far the shared words span both texts: 1 minus the longest run of either without shared words, by weight;
 * geometric mean of both. 0 if nothing is shared.
 */
export function spreadOf(one: WordTrail, other: WordTrail): number {
  return Math.sqrt((1 - longestGap(one, other)) * (1 - longestGap(other, one)));
}

function longestGap({ weights, total }: WordTrail, other: WordTrail): number {
  let [gap, longest] = [0, 0];
  for (const [hash, weight] of weights) {
    gap = other.weights.has(hash) ? 0 : gap + weight;
    if (gap > longest) longest = gap;
  }
  return total > 0 ? Math.min(1, longest / total) : 1;
}

/** Min share of words in common, of either text, for rows that other stages find. */
const nearShare = 0.8;

/** Whether two texts have nearly the same words: other stages find those. */
export function areNear(one: WordTrail, other: WordTrail): boolean {
  let shared = 0;
  for (const hash of one.weights.keys()) if (other.weights.has(hash)) shared++;
  return shared >= nearShare * (one.weights.size + other.weights.size - shared);
}

/**
 * Information of the shared words, 0 to 1, so that a large share of little content counts less. 0.5 for words that
 * together are as rare as one unknown word, since chance gives every row a match of about that.
 *
 * @param rarest weight of a word that no known row has
 */
export function evidenceOf(one: WordTrail, other: WordTrail, rarest: number): number {
  let shared = 0;
  for (const [hash, weight] of one.weights) if (other.weights.has(hash)) shared += weight;
  return shared / (shared + rarest);
}
