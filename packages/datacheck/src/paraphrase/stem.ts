/**
 * @file A light stemmer for English words, and 32-bit hashes of stems, character codes and pairs.
 *
 * @source FNV-1a (Fowler, Noll, Vo) for the codes; the finalizer of MurmurHash3 (Appleby) against similar endings
 */
import { mix32 } from "@tunewise/core/math";
import type { WordReader } from "./word-reader.ts";

/** The hash of the stem of a word that the reader has read. */
export function stemHash({ codes, starts, ends }: WordReader, word: number): number {
  const start = starts[word] as number;
  return hashCodes(codes, start, stemEnd(codes, start, ends[word] as number));
}

/** The hash of `codes[start..end)`. */
export function hashCodes(codes: Uint16Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (codes[at] as number), 0x01000193);
  return mix32(hash) >>> 0;
}

/** The hash of two hashes, order-sensitive. */
export function hashPair(first: number, second: number): number {
  return mix32(Math.imul(first, 0x9e3779b1) ^ second ^ 0x5bd1e995) >>> 0;
}

/** Suffixes, longest first; at least three letters must remain. */
const endings = ["edly", "ings", "ions", "ing", "ion", "ers", "ed", "er", "es", "ly", "s"].map((ending) =>
  [...ending].map((letter) => letter.charCodeAt(0)),
);
const shortest = 5;
const shortestStem = 3;
const letterE = 101;

/**
 * Where the stem of the word at `codes[start..end)` ends. A word of fewer than five letters, or with anything but
 * `a` to `z`, is its own stem. Words of other languages lose the same suffixes on both sides of a comparison, which
 * does little harm.
 */
export function stemEnd(codes: Uint16Array, start: number, end: number): number {
  if (end - start < shortest) return end;
  for (let at = start; at < end; at++) {
    const code = codes[at] as number;
    if (code < 97 || code > 122) return end;
  }
  let stem = end;
  for (const ending of endings) {
    if (end - start - ending.length >= shortestStem && endsWith(codes, end, ending)) {
      stem = end - ending.length;
      break;
    }
  }
  return stem - start > shortestStem && codes[stem - 1] === letterE ? stem - 1 : stem;
}

function endsWith(codes: Uint16Array, end: number, ending: readonly number[]): boolean {
  for (let at = 1; at <= ending.length; at++) {
    if (codes[end - at] !== ending[ending.length - at]) return false;
  }
  return true;
}
