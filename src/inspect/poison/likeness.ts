/**
 * @file How alike rows are among each other by the words they share.
 */
import type { Tokens } from "./tokens.ts";

/** Inverse document frequencies of words, and likeness by them. */
export class Likeness {
  private readonly tokens: Tokens;
  private readonly weights: Float64Array;

  /** Counts in how many texts each word stands. */
  constructor(tokens: Tokens) {
    this.tokens = tokens;
    const { words, ids, starts } = tokens;
    const total = starts.length - 1;
    const held = new Int32Array(words.length);
    const last = new Int32Array(words.length).fill(-1);
    for (let text = 0; text < total; text += 1) {
      for (let place = starts[text] ?? 0; place < (starts[text + 1] ?? 0); place += 1) {
        const word = ids[place] ?? 0;
        if (last[word] !== text) held[word] = (held[word] ?? 0) + 1;
        last[word] = text;
      }
    }
    this.weights = Float64Array.from(held, (count) => Math.log((1 + total) / (1 + count)) + 1);
  }

  /**
   * The mean cosine of all pairs of texts, words weighted by their rarity; from 0 to 1.
   *
   * All pairs at once: the square of the sum of n unit vectors is n plus twice the sum of all pairs' cosines.
   *
   * @param ignored words that do not count
   */
  of(texts: Int32Array, ignored: ReadonlySet<number>): number {
    const { ids, starts } = this.tokens;
    const sum = new Map<number, number>();
    let vectors = 0;
    for (const text of texts) {
      const words = [...new Set(ids.subarray(starts[text] ?? 0, starts[text + 1] ?? 0))].filter(
        (word) => !ignored.has(word),
      );
      const norm = Math.sqrt(words.reduce((total, word) => total + (this.weights[word] ?? 0) ** 2, 0));
      if (norm === 0) continue;
      vectors += 1;
      for (const word of words) sum.set(word, (sum.get(word) ?? 0) + (this.weights[word] ?? 0) / norm);
    }
    let square = 0;
    for (const value of sum.values()) square += value ** 2;
    return vectors < 2 ? 0 : (square - vectors) / (vectors * (vectors - 1));
  }
}
