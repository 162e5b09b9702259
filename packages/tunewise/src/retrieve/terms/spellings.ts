/**
 * @file Cache from spellings to terms that avoids creating a string for every word looked up.
 *
 * A `Map` of strings needs a substring and its hash for each word of a text, which takes four times as long as this
 * byte table.
 */

/** Capacity in bytes; a full table is cleared, so that random words cannot exhaust memory. */
const maxBytes = 64 * 2 ** 20;

/** The lowercase code of each ASCII letter or digit, otherwise 0. */
export const wordCodes: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[a-z0-9]/i.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/** A cache of lowercase spellings of ASCII letters and digits. */
export class Spellings {
  /** Entry number + 1, by hash; 0 is free. */
  #slots = new Int32Array(4096);
  #hashes = new Int32Array(2048);
  #ends = new Uint32Array(2049);
  #values = new Int32Array(2048);
  #bytes = new Uint8Array(2 ** 14);
  #count = 0;
  readonly #resolve: (word: string) => number;

  /** @param resolve returns the number of a word that is seen for the first time */
  constructor(resolve: (word: string) => number) {
    this.#resolve = resolve;
  }

  /** Looks up the number of the word from `start` to `end` of a text. */
  look(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry < 0) return this.#add(text.slice(start, end).toLowerCase(), hash);
      if (this.#hashes[entry] === hash && this.#equals(entry, text, start, end)) {
        return this.#values[entry] as number;
      }
    }
  }

  #equals(entry: number, text: string, start: number, end: number): boolean {
    let at = this.#ends[entry] as number;
    if ((this.#ends[entry + 1] as number) - at !== end - start) return false;
    for (let from = start; from < end; from++, at++) {
      if (wordCodes[text.charCodeAt(from)] !== this.#bytes[at]) return false;
    }
    return true;
  }

  #add(word: string, hash: number): number {
    const value = this.#resolve(word);
    this.#makeRoom(word.length);
    const start = this.#ends[this.#count] as number;
    for (let at = 0; at < word.length; at++) this.#bytes[start + at] = word.charCodeAt(at);
    this.#hashes[this.#count] = hash;
    this.#values[this.#count] = value;
    this.#count++;
    this.#ends[this.#count] = start + word.length;
    this.#place(this.#count - 1);
    return value;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[entry] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #makeRoom(bytes: number): void {
    const used = (this.#ends[this.#count] as number) + bytes;
    if (used > maxBytes) {
      this.#count = 0;
      this.#slots.fill(0);
    } else if (used > this.#bytes.length) {
      this.#bytes = widened(this.#bytes, new Uint8Array(2 * used));
    }
    if (this.#count < this.#values.length) return;
    this.#hashes = widened(this.#hashes, new Int32Array(2 * this.#count));
    this.#values = widened(this.#values, new Int32Array(2 * this.#count));
    this.#ends = widened(this.#ends, new Uint32Array(2 * this.#count + 1));
    this.#slots = new Int32Array(4 * this.#count);
    for (let entry = 0; entry < this.#count; entry++) this.#place(entry);
  }
}

function widened<Numbers extends Int32Array | Uint32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
