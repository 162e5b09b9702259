/**
 * @file How much of the content of two texts is shared, and whether it spans both completely.
 *
 * Similarity alone mistakes a phrase that two rows quote for a paraphrase, and two frequent words of a short row
 * for half of it. A paraphrase shares words from beginning to end, in whatever order, and many or rare ones.
 */
import { stemHash } from "./stem.ts";
import { unknown } from "./vocabulary.ts";
import { idf, type WordIndex } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";

/** The distinct words of a text in order of first use, with their rarity. */
interface WordTrail {
  /** Weight of each word by hash, in text order. */
  readonly weights: ReadonlyMap<number, number>;
  /** Sum of the weights. */
  readonly total: number;
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
      const hash = stemHash(this.#reader, word);
      if (weights.has(hash)) continue;
      const weight = this.#weigh(hash, own);
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

/**
 * Information of the shared words, 0 to 1: a share of little counts less. 0.5 for words that together are as rare
 * as one unknown word, since chance gives every row a match of about that.
 *
 * @param rarest weight of a word that no known row has
 */
export function evidenceOf(one: WordTrail, other: WordTrail, rarest: number): number {
  let shared = 0;
  for (const [hash, weight] of one.weights) if (other.weights.has(hash)) shared += weight;
  return shared / (shared + rarest);
}
