/** @file Hash tables with two 32-bit hashes per key. */

/** The smallest power of two that keeps a table of this many entries at most two thirds full. */
export function tableSize(entries: number): number {
  let size = 16;
  while (size * 2 < entries * 3) size *= 2;
  return size;
}

/**
 * Open-addressing table for keys of two hashes: the low one selects a slot, the high one is stored and compared.
 *
 * Two keys share a slot if both agree in the high hash and in the low bits that select a slot, about one pair in
 * 2^50 of a table of a million keys; users verify what they find.
 */
export class KeyTable {
  /** Value of each slot, or -1. */
  readonly values: Int32Array;
  readonly #checks: Uint32Array;
  readonly #mask: number;

  /** @param entries maximum number of keys */
  constructor(entries: number) {
    const size = tableSize(entries);
    this.values = new Int32Array(size).fill(-1);
    this.#checks = new Uint32Array(size);
    this.#mask = size - 1;
  }

  /** The slot of a key, or the free slot where it belongs; `values` shows which it is. */
  placeOf(low: number, high: number): number {
    const check = high >>> 0;
    let place = (low >>> 0) & this.#mask;
    while ((this.values[place] as number) !== -1 && this.#checks[place] !== check) {
      place = (place + 1) & this.#mask;
    }
    return place;
  }

  /** Sets a slot returned by `placeOf`. */
  set(place: number, high: number, value: number): void {
    this.values[place] = value;
    this.#checks[place] = high >>> 0;
  }

  /** Removes all keys. */
  clear(): void {
    this.values.fill(-1);
  }
}
