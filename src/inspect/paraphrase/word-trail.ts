/**
 * @file How much of what two texts say is shared, and whether that reaches over the whole of both.
 *
 * Likeness alone takes a phrase that two rows quote for a paraphrase, and two frequent words of a short row for half of
 * it. A paraphrase shares words from beginning to end, in whatever order, and many or rare ones.
 */
import { hashCodes } from "./hash.ts";
import { stemEnd } from "./stem.ts";
import { unknown } from "./vocabulary.ts";
import { idf, type WordIndex } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";

/** The words of a text in their order, each where it comes first, with how rare it is. */
export interface WordTrail {
  /** The weight of a word by its hash, in the order of the text. */
  readonly weights: ReadonlyMap<number, number>;
  /** Sum of the weights. */
  readonly total: number;
}

/** Makes trails, one reader for all. */
export class WordTrails {
  /** The weight of a word that no known row has. */
  readonly rarest: number;
  readonly #index: WordIndex;
  readonly #reader = new WordReader();

  constructor(index: WordIndex) {
    this.#index = index;
    this.rarest = idf(0, index.norms.length);
  }

  /** @param own 1 where the text is a known row: what only it has then counts as unknown */
  of(text: string, own: 0 | 1): WordTrail {
    const { codes, starts, ends } = this.#reader;
    this.#reader.read(text);
    const weights = new Map<number, number>();
    let total = 0;
    for (let word = 0; word < this.#reader.count; word++) {
      const start = starts[word] as number;
      const hash = hashCodes(codes, start, stemEnd(codes, start, ends[word] as number));
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
 * How far what two texts share reaches over both: 1 less the longest stretch of either that the other has nothing of,
 * by weight; geometric mean of both. 0 where nothing is shared.
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
 * How much the shared words say, 0 to 1: a share of little is taken for less. Half for words that together are as rare
 * as one that no known row has, since chance gives every row a match of about so much.
 *
 * @param rarest the weight of a word that no known row has
 */
export function evidenceOf(one: WordTrail, other: WordTrail, rarest: number): number {
  let shared = 0;
  for (const [hash, weight] of one.weights) if (other.weights.has(hash)) shared += weight;
  return shared / (shared + rarest);
}
