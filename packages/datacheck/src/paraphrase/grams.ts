/** @file Grams of a text: stemmed words, word bigrams, and character 4-grams within words. */
import { hashCodes, hashPair, stemHash } from "./stem.ts";
import { maxCharacters, type WordReader } from "./word-reader.ts";

/** Grams of one text, by hash. The arrays are reused for the next text. */
export interface GramBuffer {
  readonly hashes: Uint32Array;
  count: number;
  /** Number of words; word bigrams follow them. */
  words: number;
}

/** Creates a buffer for the grams of one text. */
export function gramBuffer(): GramBuffer {
  return { hashes: new Uint32Array(3 * maxCharacters), count: 0, words: 0 };
}

/** Replaces the hash of a masked word; returns other hashes unchanged. */
export type Mask = (hash: number, mark: number) => number;

/** Writes the hashes of distinct words, then of distinct word bigrams, of the text last read. */
export function wordGrams(reader: WordReader, buffer: GramBuffer, mask?: Mask): void {
  const { hashes } = buffer;
  const { marks, count } = reader;
  for (let word = 0; word < count; word++) {
    const hash = stemHash(reader, word);
    hashes[word] = mask === undefined ? hash : mask(hash, marks[word] as number);
  }
  for (let word = 1; word < count; word++) {
    hashes[count + word - 1] = hashPair(hashes[word - 1] as number, hashes[word] as number);
  }
  // Words are sorted in place only after the bigrams, which need their order, are stored behind them.
  const pairs = Math.max(0, count - 1);
  const distinctWords = distinct(hashes, 0, count, 0);
  buffer.words = distinctWords;
  buffer.count = distinctWords + distinct(hashes, count, count + pairs, distinctWords);
}

/** Sorts `hashes[from..until)`, writes each distinct one from `target` on, and returns their number. */
function distinct(hashes: Uint32Array, from: number, until: number, target: number): number {
  const sorted = hashes.subarray(from, until).sort();
  let count = 0;
  for (let at = 0; at < sorted.length; at++) {
    const hash = sorted[at] as number;
    if (at === 0 || hash !== hashes[target + count - 1]) hashes[target + count++] = hash;
  }
  return count;
}

/** Length of a character n-gram. Lengths 3 to 5 combined rank no better and take three times as long. */
const runLength = 4;

/** Character 4-grams inside words and the surrounding spaces, or complete short words; sorted, with repeats. */
export function letterGrams(reader: WordReader, buffer: GramBuffer): void {
  const { hashes } = buffer;
  const { codes, starts, ends } = reader;
  let count = 0;
  for (let word = 0; word < reader.count; word++) {
    const first = (starts[word] as number) - 1;
    const end = (ends[word] as number) + 1;
    const last = Math.max(first, end - runLength);
    for (let at = first; at <= last; at++)
      hashes[count++] = hashCodes(codes, at, Math.min(end, at + runLength));
  }
  hashes.subarray(0, count).sort();
  buffer.count = count;
}
