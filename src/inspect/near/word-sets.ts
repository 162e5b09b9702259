/**
 * @file Rows whose word sets have a Jaccard index of 0.8 or more: exact for rows of up to 64 distinct words.
 *
 * Words are ordered by rarity. Rows of n distinct words that share t of their union with another share at least
 * ceil(t n) words; so of each row's first n - ceil(t n) + l words, both must have at least l in common (prefix
 * filter with l tokens: Wang, Li and Feng 2012, "Can we beat the prefix filtering?", section 3). Every l of these
 * are a key, and rows with a common key are compared. Words that a fifth of all rows have are not a key by
 * themselves, unless a row has almost no others. Short rows have keys of three rare words, longer ones of two;
 * where sizes overlap, rows have both.
 */

import { mix32 } from "../../math/index.ts";
import type { PartnerSink } from "./best-partners.ts";
import { carriesEnough, differentWords, wordJaccard } from "./compare-words.ts";
import { KeyTable } from "./hash.ts";
import type { Sides } from "./sides.ts";
import type { Words } from "./words.ts";

/** Rows with more distinct words are left to 5-grams; up to `mostForThree` words have keys of three. */
const [mostWords, mostForThree] = [64, 15];
const fewestWords = 3;
/** A row is compared with the first row and this many of the latest rows with a key; templates have more. */
const latestCompared = 64;
/** Maximum number of comparisons per row over all keys. */
const mostCompared = 512;
const keysAtOnce = 1 << 24;
/** Rounding must not lose 4 of 5. */
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
  sides: Sides,
  rows: Uint32Array,
  threshold: number,
  best: PartnerSink,
): JoinCounts {
  const keys = new SetKeys(words, threshold);
  let total = 0;
  for (const row of rows) keys.each(row, () => total++);
  const rounds = Math.max(1, Math.ceil(total / keysAtOnce));
  const lastCompared = new Int32Array(sides.count).fill(-1);
  const counts = { compared: 0, skipped: 0 };
  for (let round = 0; round < rounds; round++) {
    const room = Math.ceil((total / rounds) * 1.1) + 64;
    const table = new KeyTable(room);
    const latest = new Int32Array(table.values.length);
    const entryRow = new Int32Array(room);
    const entryBefore = new Int32Array(room);
    let entries = 0;
    lastCompared.fill(-1);
    let [compared, isSkipped] = [0, false];
    const compare = (row: number, other: number): void => {
      if (compared === mostCompared) {
        isSkipped = true;
        return;
      }
      if (lastCompared[other] === row || !mayReach(words, row, other, threshold)) return;
      lastCompared[other] = row;
      compared++;
      counts.compared++;
      const score = wordJaccard(words, row, other);
      if (score >= threshold - roundingSlack && carriesEnough(words, row, other))
        best.offer(row, other, score);
    };
    for (const row of rows) {
      [compared, isSkipped] = [0, false];
      keys.each(row, (low, high) => {
        if (rounds > 1 && (mix32(high) >>> 0) % rounds !== round) return;
        const place = table.placeOf(low, high);
        const first = table.values[place] as number;
        if (first === -1) table.set(place, high, row);
        else compare(row, first);
        let entry = first === -1 ? -1 : (latest[place] as number);
        for (let steps = 0; entry !== -1; entry = entryBefore[entry] as number) {
          if (steps++ === latestCompared) {
            isSkipped = true;
            break;
          }
          compare(row, entryRow[entry] as number);
        }
        entryRow[entries] = row;
        entryBefore[entries] = first === -1 ? -1 : (latest[place] as number);
        latest[place] = entries++;
      });
      if (isSkipped) counts.skipped++;
    }
  }
  return counts;
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
class SetKeys {
  readonly #words: Words;
  readonly #threshold: number;
  readonly #prefix = new Uint32Array(mostWords);

  constructor(words: Words, threshold: number) {
    this.#words = words;
    this.#threshold = threshold;
  }

  each(row: number, use: (low: number, high: number) => void): void {
    const { sorted, offsets } = this.#words;
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    const count = differentWords(sorted, from, to);
    if (count < fewestWords || count > mostWords) return;
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
    if (count <= mostForThree) this.#three(Math.min(length, spare + 3), firsts, use);
    if (count >= Math.floor(this.#threshold * (mostForThree + 1)))
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
