/** @file The vocabulary of a data set read in blocks, numbered as if the data set were read at once. */
import { Vocabulary } from "../near/vocabulary.ts";
import { countTexts, rankWords, scanTexts, type WordStatistics } from "../near/words.ts";

/** The distinct words of a block, in order of first use. */
export interface BlockWords {
  readonly units: Uint16Array;
  /** The start of each word in `units`. */
  readonly starts: Uint32Array;
  /** For each word: the number of texts in the block that contain it. */
  readonly counts: Uint32Array;
}

/** The texts of a block as numbers of the block's own words. */
export interface ScannedBlock {
  readonly ids: Uint32Array;
  readonly offsets: Uint32Array;
  readonly words: BlockWords;
}

/** Tokenizes the texts of a block. */
export function scanBlock(texts: readonly string[]): ScannedBlock {
  const scanned = scanTexts(texts);
  const { ids, offsets, vocabulary } = scanned;
  return { ids: ids.slice(), offsets, words: { ...vocabulary.content(), counts: countTexts(scanned) } };
}

/** Merges the words of blocks, added in order. */
export class BlockVocabulary {
  readonly #vocabulary = new Vocabulary();
  #counts = new Uint32Array(1 << 16);
  readonly #numbers: Uint32Array[] = [];

  /** Adds the words of the next block. */
  add({ units, starts, counts }: BlockWords): void {
    const numbers = Uint32Array.from(starts, (start, word) =>
      this.#vocabulary.add(units.subarray(start, starts[word + 1] ?? units.length)),
    );
    if (this.#vocabulary.size > this.#counts.length) {
      const grown = new Uint32Array(this.#vocabulary.size * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    for (const [word, number] of numbers.entries())
      this.#counts[number] = (this.#counts[number] as number) + (counts[word] as number);
    this.#numbers.push(numbers);
  }

  /**
   * The statistics of all words, and for each block the final numbers of its words.
   *
   * @param texts number of texts in all blocks
   */
  rank(texts: number): { readonly statistics: WordStatistics; readonly numbers: readonly Uint32Array[] } {
    const counts = this.#counts.subarray(0, this.#vocabulary.size);
    const { rank, statistics } = rankWords(this.#vocabulary, counts, texts);
    const numbers = this.#numbers.map((block) => block.map((number) => rank[number] as number));
    return { statistics, numbers };
  }
}
