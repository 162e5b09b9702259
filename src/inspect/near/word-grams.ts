/**
 * @file Hashes of runs of n words.
 */
import { mix32 } from "../../math/index.ts";
import type { Words } from "./words.ts";

const factor = 0x2c1b3c6d;

/**
 * Writes the hash of each run of `n` words of a row, in order, repeated ones too.
 *
 * Hashes of other n are others. Two different runs of a row have the same hash once in 2^32.
 *
 * @param into at least as long as the row has words
 * @returns how many were written
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
 * The runs that tell a row: 5 words long, or 2 in rows of 2 to 4 words, or the one word.
 *
 * Runs of nothing but common words are left out, so that a prompt's fixed words make no two rows alike; a row that has
 * no other runs keeps them.
 *
 * @param into as for `gramsOf`
 * @returns how many were written
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

/** Room for the grams of the longest row. */
export function gramRoom({ offsets }: Words): Int32Array {
  let longest = 1;
  for (let row = 0; row + 1 < offsets.length; row++) {
    longest = Math.max(longest, (offsets[row + 1] as number) - (offsets[row] as number));
  }
  return new Int32Array(longest);
}

/** How long the runs of words of a row are. */
export function gramLength(rowWords: number): number {
  return rowWords >= 5 ? 5 : Math.min(2, rowWords);
}
