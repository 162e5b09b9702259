/**
 * @file Hashes of runs of n words.
 */
import { mix } from "./hash.ts";
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
    if (at - from >= n) rolling = (rolling - Math.imul(mix((ids[at - n] as number) + n), leaving)) | 0;
    rolling = (Math.imul(rolling, factor) + mix((ids[at] as number) + n)) | 0;
    if (at - from >= n - 1) into[written++] = mix(rolling ^ n);
  }
  return written;
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
