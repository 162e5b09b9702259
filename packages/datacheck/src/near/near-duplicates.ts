/**
 * @file Near duplicates: rows whose word 5-grams have a Jaccard index of 0.7 or more, found by MinHash and LSH banding,
 * and verified by the exact index.
 *
 * Uses 32 bands of 4 values. Rows of 2 to 4 words have 2-grams, and a row of one word has that word. Rows are only
 * compared with rows of the same n. Bands are processed one after the other and retain only the partners found, so
 * several workers could share them.
 */

import { mix32 } from "@tunewise/core/math";
import type { PartnerSink } from "./best-partners.ts";
import { carriesEnough, wordJaccard } from "./compare-words.ts";
import { EarlierRows } from "./earlier-rows.ts";
import { GramSets, plainJaccard } from "./gram-sets.ts";
import { bandRows, bands, permutations, permutationsFrom, sign } from "./minhash.ts";
import { gramLength, gramRoom, tellingGrams } from "./word-grams.ts";
import type { JoinCounts } from "./word-sets.ts";
import type { Words } from "./words.ts";

/**
 * In each bucket, a row is compared with the first row and this many of the latest ones. Boilerplate fills buckets with
 * more.
 */
export const latestGrams = 24;
/** Maximum number of comparisons per row over all bands. */
export const maxCompared = 200;
/** Seed of the permutations. Another seed yields other candidates but the same pairs, except a few per thousand. */
const seed = 20241;
const roundingSlack = 1e-9;

/** Offers pairs of rows to `best`; the score is the larger Jaccard index of 5-grams and of words. */
export function findNearDuplicates(
  words: Words,
  rows: Uint32Array,
  threshold: number,
  best: PartnerSink,
): JoinCounts {
  const keys = bandKeys(words, rows);
  const comparer = new GramComparer(words, threshold, best);
  const compared = new Uint8Array(rows.length);
  const skipped = new Uint8Array(rows.length);
  const earlier = new EarlierRows(rows.length, latestGrams);
  let count = 0;
  for (let band = 0; band < bands; band++) {
    const key = keys.subarray(band * rows.length, (band + 1) * rows.length);
    earlier.clear();
    for (let at = 0; at < rows.length; at++) {
      if (key[at] === 0) continue;
      const compare = (met: number): void => {
        if (compared[at] === maxCompared) {
          skipped[at] = 1;
          return;
        }
        if (metBefore(keys, rows.length, band, at, met)) return;
        compared[at] = (compared[at] as number) + 1;
        count++;
        comparer.compare(rows[at] as number, rows[met] as number);
      };
      if (!earlier.meet(mix32(key[at] as number), key[at] as number, at, compare)) skipped[at] = 1;
    }
  }
  return { compared: count, skipped: skipped.reduce((sum, one) => sum + one, 0) };
}

/** Compares rows by their n-grams, and offers those that are near. */
export class GramComparer {
  readonly #words: Words;
  readonly #threshold: number;
  readonly #best: PartnerSink;
  readonly #sets: GramSets;
  readonly #room: Int32Array;

  constructor(words: Words, threshold: number, best: PartnerSink) {
    this.#words = words;
    this.#threshold = threshold;
    this.#best = best;
    this.#sets = new GramSets(words);
    this.#room = gramRoom(words);
  }

  compare(row: number, other: number): void {
    const [words, least] = [this.#words, this.#threshold - roundingSlack];
    if (this.#sets.jaccard(row, other, this.#threshold) < least) return;
    const score = plainJaccard(words, row, other, this.#room);
    if (score < least || !carriesEnough(words, row, other)) return;
    this.#best.offer(row, other, Math.max(score, wordJaccard(words, row, other)));
  }
}

/** For each band and row, in order of bands: a hash of the band's values; 0 for a row without words. */
export function bandKeys(words: Words, rows: Uint32Array): Int32Array {
  const keys = new Int32Array(rows.length * bands);
  const room = gramRoom(words);
  const chosen = permutationsFrom(seed);
  const signature = new Int32Array(permutations);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    const n = gramLength((words.offsets[row + 1] as number) - (words.offsets[row] as number));
    const count = tellingGrams(words, row, room);
    if (count === 0) continue;
    sign(chosen, room, count, signature);
    for (let band = 0; band < bands; band++) {
      let key = n;
      for (let one = 0; one < bandRows; one++) {
        key = Math.imul(key, 0x9e3779b1) + mix32(signature[band * bandRows + one] as number);
      }
      keys[band * rows.length + at] = mix32(key) | 1;
    }
  }
  return keys;
}

/** Whether an earlier band already paired the two rows. */
export function metBefore(keys: Int32Array, rows: number, band: number, a: number, b: number): boolean {
  for (let earlier = 0; earlier < band; earlier++) {
    if (keys[earlier * rows + a] === keys[earlier * rows + b]) return true;
  }
  return false;
}
