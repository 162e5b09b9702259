/** @file Vocabulary: a number for each distinct word, compared character by character. */
import { mix32 } from "@tunewise/core/math";
import { tableSize } from "./hash.ts";
import { NumberList } from "./number-list.ts";

/** Initial value of the 32-bit FNV-1a hash. */
export const hashStart: number = 0x811c9dc5 | 0;
/** Prime of the 32-bit FNV-1a hash. */
export const hashFactor = 0x01000193;

function wordHash(word: Uint16Array): number {
  let hash = hashStart;
  for (const unit of word) hash = Math.imul(hash ^ unit, hashFactor);
  return hash;
}

/** Numbers words in order of first use; equal numbers mean equal characters, whatever their hashes. */
export class Vocabulary {
  #units = new Uint16Array(1 << 16);
  #end = 0;
  readonly #starts = new NumberList();
  readonly #hashes = new NumberList();
  #places = new Int32Array(1 << 12).fill(-1);

  /** Number of distinct words. */
  get size(): number {
    return this.#starts.length;
  }

  /** Reserves space for this many characters after `end`, where a scanner writes the current word. */
  reserve(units: number): Uint16Array {
    if (this.#end + units > this.#units.length) {
      const grown = new Uint16Array(Math.ceil((this.#end + units) * 1.6));
      grown.set(this.#units.subarray(0, this.#end));
      this.#units = grown;
    }
    return this.#units;
  }

  /** Where the next word's characters are written. */
  get end(): number {
    return this.#end;
  }

  /** The number of the word whose characters were written at `end`. */
  numberOf(length: number, hash: number): number {
    const spread = mix32(hash ^ length) >>> 0;
    const mask = this.#places.length - 1;
    let place = spread & mask;
    for (;;) {
      const known = this.#places[place] as number;
      if (known === -1) return this.#append(place, length, spread);
      if (this.#hashes.at(known) === spread && this.#equals(known, length)) return known;
      place = (place + 1) & mask;
    }
  }

  /** Whether a word contains a digit 0 to 9. */
  hasDigit(word: number): boolean {
    const end = this.#endOf(word);
    for (let at = this.#starts.at(word); at < end; at++) {
      const unit = this.#units[at] as number;
      if (unit >= 48 && unit <= 57) return true;
    }
    return false;
  }

  /** Passes the characters of a word to a function, which must not keep the array. */
  read<Value>(word: number, of: (units: Uint16Array, start: number, end: number) => Value): Value {
    return of(this.#units, this.#starts.at(word), this.#endOf(word));
  }

  /** The characters of all words, concatenated, and the start of each. */
  content(): { readonly units: Uint16Array; readonly starts: Uint32Array } {
    return { units: this.#units.slice(0, this.#end), starts: this.#starts.view().slice() };
  }

  /** The number of a word given as characters; a new word is added. */
  add(word: Uint16Array): number {
    this.reserve(word.length).set(word, this.#end);
    return this.numberOf(word.length, wordHash(word));
  }

  #endOf(word: number): number {
    return word + 1 < this.size ? this.#starts.at(word + 1) : this.#end;
  }

  #append(place: number, length: number, spread: number): number {
    const added = this.size;
    this.#places[place] = added;
    this.#starts.push(this.#end);
    this.#hashes.push(spread);
    this.#end += length;
    if (added * 3 > this.#places.length * 2) this.#spreadOut();
    return added;
  }

  #equals(known: number, length: number): boolean {
    const start = this.#starts.at(known);
    if (this.#endOf(known) - start !== length) return false;
    for (let at = 0; at < length; at++) {
      if (this.#units[start + at] !== this.#units[this.#end + at]) return false;
    }
    return true;
  }

  #spreadOut(): void {
    const size = tableSize(this.size * 2);
    const places = new Int32Array(size).fill(-1);
    for (let word = 0; word < this.size; word++) {
      let place = this.#hashes.at(word) & (size - 1);
      while (places[place] !== -1) place = (place + 1) & (size - 1);
      places[place] = word;
    }
    this.#places = places;
  }
}
