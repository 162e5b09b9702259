/** @file Hashes of word n-grams (shingles). */
import { mix32 } from "@tunewise/core/math";
import type { Words } from "./words.ts";

const factor = 0x2c1b3c6d;

/**
 * Writes the hash of each n-gram of a row, in order, including repeats.
 *
 * Hashes of different n differ. Two different n-grams of a row collide once in 2^32.
 *
 * @param into at least as long as the row has words
 * @returns number of hashes written
 */
export function gramsOf({ ids, offsets }: Words, row: number, n: number, into: Int32Array): number {
  const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
  if (to - from < n) return 0;
  let leaving = 1;
  for (let at = 1; at < n; at++) leaving = Math.imul(leaving, factor);
  let [rolling, written] = [0, 0];
  for (let at = from; at < to; at++) {
    if (at - from >= n) rolling = (rolling - Math.imul(mix32((ids[at - n] as number) + n), leaving)) | 0;
    rolling = (Math.imul(rolling, factor) + mix32((ids[at] as number) + n)) | 0;
    if (at - from >= n - 1) into[written++] = mix32(rolling ^ n);
  }
  return written;
}

/**
 * The n-grams that identify a row: n is 5, or 2 in rows of 2 to 4 words, or 1 for a single word.
 *
 * N-grams of only common words are left out, so that a prompt's fixed words do not make rows similar. A row without any
 * others keeps them.
 *
 * @param into as for `gramsOf`
 * @returns number of hashes written
 */
export function tellingGrams(words: Words, row: number, into: Int32Array): number {
  const { ids, offsets, isCommon } = words;
  const from = offsets[row] as number;
  const n = gramLength((offsets[row + 1] as number) - from);
  if (n === 0) return 0;
  const count = gramsOf(words, row, n, into);
  let [commonRun, kept] = [0, 0];
  for (let at = 0; at < count + n - 1; at++) {
    commonRun = isCommon[ids[from + at] as number] === 1 ? commonRun + 1 : 0;
    const gram = at - n + 1;
    if (gram >= 0 && commonRun < n) into[kept++] = into[gram] as number;
  }
  return kept === 0 ? gramsOf(words, row, n, into) : kept;
}

/** A buffer for the n-grams of the longest row. */
export function gramRoom({ offsets }: Words): Int32Array {
  let longest = 1;
  for (let row = 0; row + 1 < offsets.length; row++) {
    longest = Math.max(longest, (offsets[row + 1] as number) - (offsets[row] as number));
  }
  return new Int32Array(longest);
}

/** The n of a row's n-grams. */
export function gramLength(rowWords: number): number {
  return rowWords >= 5 ? 5 : Math.min(2, rowWords);
}
