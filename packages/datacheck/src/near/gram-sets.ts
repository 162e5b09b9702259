/** @file Exact Jaccard index of two rows' n-grams, comparing one row with many. */
import { mix32 } from "@tunewise/core/math";
import { tableSize } from "./hash.ts";
import { gramLength, gramRoom, gramsOf, tellingGrams } from "./word-grams.ts";
import type { Words } from "./words.ts";

/** Holds one row's n-grams in a hash table until another row is requested. */
export class GramSets {
  readonly #words: Words;
  readonly #grams: Int32Array;
  /** For each slot an n-gram, the generation in which it was set, and the last comparison that matched it. */
  #values: Int32Array;
  #turns: Uint32Array;
  #met: Uint32Array;
  #turn = 0;
  #comparison = 0;
  #mask = 0;
  #row = -1;
  #size = 0;

  constructor(words: Words) {
    this.#words = words;
    this.#grams = gramRoom(words);
    const size = tableSize(2 * this.#grams.length + 16);
    this.#values = new Int32Array(size);
    this.#turns = new Uint32Array(size);
    this.#met = new Uint32Array(size);
  }

  /** Shared distinct n-grams over all distinct n-grams; 0 as soon as `least` is out of reach. */
  jaccard(row: number, other: number, least: number): number {
    if (gramLength(this.#lengthOf(other)) !== gramLength(this.#lengthOf(row))) return 0;
    if (row !== this.#row) this.#hold(row);
    const count = tellingGrams(this.#words, other, this.#grams);
    if (count < least * this.#size) return 0;
    return this.#compare(count);
  }

  #lengthOf(row: number): number {
    return (this.#words.offsets[row + 1] as number) - (this.#words.offsets[row] as number);
  }

  #hold(row: number): void {
    const count = tellingGrams(this.#words, row, this.#grams);
    this.#mask = tableSize(2 * count) - 1;
    this.#turn++;
    this.#row = row;
    this.#size = 0;
    for (let at = 0; at < count; at++) {
      const place = this.#placeOf(this.#grams[at] as number);
      if (this.#turns[place] === this.#turn) continue;
      this.#turns[place] = this.#turn;
      this.#values[place] = this.#grams[at] as number;
      this.#met[place] = 0;
      this.#size++;
    }
  }

  /** Removes duplicates from the other row's own n-grams only if they could matter. */
  #compare(count: number): number {
    this.#comparison++;
    let [shared, alone] = [0, 0];
    for (let at = 0; at < count; at++) {
      const place = this.#placeOf(this.#grams[at] as number);
      if (this.#turns[place] !== this.#turn) {
        this.#grams[alone++] = this.#grams[at] as number;
      } else if (this.#met[place] !== this.#comparison) {
        this.#met[place] = this.#comparison;
        shared++;
      }
    }
    if (alone > 1) alone = different(this.#grams.subarray(0, alone));
    return shared / (this.#size + alone);
  }

  #placeOf(gram: number): number {
    let place = mix32(gram) & this.#mask;
    while (this.#turns[place] === this.#turn && this.#values[place] !== gram)
      place = (place + 1) & this.#mask;
    return place;
  }
}

/** Jaccard index of all n-grams of two rows, including common ones. */
export function plainJaccard(words: Words, a: number, b: number, room: Int32Array): number {
  const setOf = (row: number): Set<number> => {
    const n = gramLength((words.offsets[row + 1] as number) - (words.offsets[row] as number));
    return new Set(room.subarray(0, gramsOf(words, row, n, room)));
  };
  const [one, two] = [setOf(a), setOf(b)];
  let shared = 0;
  for (const gram of one) if (two.has(gram)) shared++;
  return shared / (one.size + two.size - shared);
}

function different(grams: Int32Array): number {
  if (grams.length <= 8) {
    let found = 0;
    for (let at = 0; at < grams.length; at++) if (grams.indexOf(grams[at] as number) === at) found++;
    return found;
  }
  grams.sort();
  let found = 1;
  for (let at = 1; at < grams.length; at++) if (grams[at] !== grams[at - 1]) found++;
  return found;
}
