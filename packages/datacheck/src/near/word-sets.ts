/**
 * @file Rows whose word sets have a Jaccard index of 0.8 or more: exact for rows of up to 64 distinct words.
 *
 * Words are ordered by rarity. If a row of n distinct words shares t of the union with another row, it shares at least
 * ceil(t n) words. So among the first n - ceil(t n) + l words of each row, both must have at least l in common (prefix
 * filter with l tokens: Wang, Li and Feng 2012, "Can we beat the prefix filtering?", section 3). Every combination of l
 * of these words is a key, and rows with a common key are compared.
 *
 * Words that a fifth of all rows have do not form a key on their own, unless a row has almost no others. Short rows
 * have keys of three rare words, longer ones of two; rows in the overlap of both sizes have both.
 */

import { mix32 } from "@tunewise/core/math";
import type { PartnerSink } from "./best-partners.ts";
import { carriesEnough, differentWords, wordJaccard } from "./compare-words.ts";
import { EarlierRows } from "./earlier-rows.ts";
import type { Words } from "./words.ts";

/** Rows with more distinct words are left to 5-grams. Rows with up to `maxForThree` words have keys of three. */
const [maxWords, maxForThree] = [64, 15];
const minWords = 3;
/** For each key, a row is compared with the first row and this many of the latest rows. Templates have more. */
export const latestSets = 64;
/** Maximum number of comparisons per row over all keys. */
const maxCompared = 512;
const keysAtOnce = 1 << 24;
/** Tolerance for rounding, so that 4 of 5 still counts. */
const roundingSlack = 1e-9;

/** Counts of the work done. */
export interface JoinCounts {
  /** Pairs of rows that were compared. */
  readonly compared: number;
  /** Rows with a key so frequent that not all earlier rows were compared. */
  readonly skipped: number;
}

/**
 * Offers pairs of rows to `best`, with the Jaccard index as score.
 *
 * @param threshold 0.7 to 1
 */
export function findWordSets(
  words: Words,
  rows: Uint32Array,
  threshold: number,
  best: PartnerSink,
): JoinCounts {
  const keys = new SetKeys(words, threshold);
  let total = 0;
  for (const row of rows) keys.each(row, () => total++);
  const rounds = setRounds(total);
  const comparer = new SetComparer(words, threshold, best);
  let skipped = 0;
  for (let round = 0; round < rounds; round++) {
    const earlier = new EarlierRows(Math.ceil((total / rounds) * 1.1) + 64, latestSets);
    for (const row of rows) {
      let isSkipped = false;
      comparer.begin(row);
      keys.each(row, (low, high) => {
        if (roundOf(high, rounds) !== round) return;
        if (!earlier.meet(low, high, row, (other) => comparer.compare(other))) isSkipped = true;
      });
      if (isSkipped || comparer.isFull) skipped++;
    }
  }
  return { compared: comparer.compared, skipped };
}

/** The number of rounds for this many keys. In each round a row is compared with a bounded number of others. */
export function setRounds(keys: number): number {
  return Math.max(1, Math.ceil(keys / keysAtOnce));
}

/** The round of a key. */
export function roundOf(high: number, rounds: number): number {
  return rounds === 1 ? 0 : (mix32(high) >>> 0) % rounds;
}

/** Compares one row with others: each once, and a bounded number. */
export class SetComparer {
  /** Number of pairs compared, over all rows. */
  compared = 0;
  /** Whether the current row has had more candidates than may be compared. */
  isFull = false;
  readonly #words: Words;
  readonly #threshold: number;
  readonly #best: PartnerSink;
  /** For each row, the turn of its last comparison. */
  readonly #turns: Uint32Array;
  #turn = 0;
  #count = 0;
  #row = -1;

  constructor(words: Words, threshold: number, best: PartnerSink) {
    this.#words = words;
    this.#threshold = threshold;
    this.#best = best;
    this.#turns = new Uint32Array(words.offsets.length - 1);
  }

  begin(row: number): void {
    this.#row = row;
    this.#turn++;
    this.#count = 0;
    this.isFull = false;
  }

  compare(other: number): void {
    if (this.#count === maxCompared) {
      this.isFull = true;
      return;
    }
    const [words, row, threshold] = [this.#words, this.#row, this.#threshold];
    if (this.#turns[other] === this.#turn || !mayReach(words, row, other, threshold)) return;
    this.#turns[other] = this.#turn;
    this.#count++;
    this.compared++;
    const score = wordJaccard(words, row, other);
    if (score >= threshold - roundingSlack && carriesEnough(words, row, other))
      this.#best.offer(row, other, score);
  }
}

/** Length filter; repeated words only loosen the bound. */
function mayReach({ offsets, sorted }: Words, a: number, b: number, threshold: number): boolean {
  const [fromA, toA] = [offsets[a] as number, offsets[a + 1] as number];
  const [fromB, toB] = [offsets[b] as number, offsets[b + 1] as number];
  const [lengthA, lengthB] = [toA - fromA, toB - fromB];
  if (Math.min(lengthA, lengthB) >= threshold * Math.max(lengthA, lengthB)) return true;
  const [x, y] = [differentWords(sorted, fromA, toA), differentWords(sorted, fromB, toB)];
  return Math.min(x, y) >= threshold * Math.max(x, y) - roundingSlack;
}

/** The keys of rows. */
export class SetKeys {
  readonly #words: Words;
  readonly #threshold: number;
  readonly #prefix = new Uint32Array(maxWords);

  constructor(words: Words, threshold: number) {
    this.#words = words;
    this.#threshold = threshold;
  }

  each(row: number, use: (low: number, high: number) => void): void {
    const { sorted, offsets } = this.#words;
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    const count = differentWords(sorted, from, to);
    if (count < minWords || count > maxWords) return;
    const common = this.#words.isCommon;
    let telling = 0;
    const spare = count - Math.ceil(this.#threshold * count - roundingSlack);
    let length = 0;
    for (let at = from; at < to && length < spare + 3; at++) {
      if (at > from && sorted[at] === sorted[at - 1]) continue;
      this.#prefix[length++] = sorted[at] as number;
      if (common[sorted[at] as number] === 0) telling++;
    }
    // Words are sorted by rarity: the first word of a key is common only if all are.
    const firsts = telling >= 3 ? telling : length;
    if (count <= maxForThree) this.#three(Math.min(length, spare + 3), firsts, use);
    if (count >= Math.floor(this.#threshold * (maxForThree + 1)))
      this.#two(Math.min(length, spare + 2), firsts, use);
  }

  #two(length: number, firsts: number, use: (low: number, high: number) => void): void {
    const prefix = this.#prefix;
    for (let i = 0; i < Math.min(length, firsts); i++) {
      const [low, high] = [
        mix32((prefix[i] as number) + 0x3c6ef372),
        mix32((prefix[i] as number) ^ 0x5bd1e995),
      ];
      for (let j = i + 1; j < length; j++) {
        const word = prefix[j] as number;
        use(mix32(low ^ word), mix32(Math.imul(high, 0x9e3779b1) + word));
      }
    }
  }

  #three(length: number, firsts: number, use: (low: number, high: number) => void): void {
    const prefix = this.#prefix;
    for (let i = 0; i < Math.min(length, firsts); i++) {
      const [low, high] = [
        mix32((prefix[i] as number) + 0x78dde6e5),
        mix32((prefix[i] as number) ^ 0x1b873593),
      ];
      for (let j = i + 1; j < length; j++) {
        const [lowTwo, highTwo] = [
          mix32(low ^ (prefix[j] as number)),
          mix32(Math.imul(high, 0x9e3779b1) + (prefix[j] as number)),
        ];
        for (let k = j + 1; k < length; k++) {
          const word = prefix[k] as number;
          use(mix32(lowTwo ^ word), mix32(Math.imul(highTwo, 0x9e3779b1) + word));
        }
      }
    }
  }
}
