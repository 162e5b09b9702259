/**
 * @file Hashes of 32 bits and tables that are looked up by two of them.
 */

/** The smallest power of two that keeps a table of so many entries at most two thirds full. */
export function tableSize(entries: number): number {
  let size = 16;
  while (size * 2 < entries * 3) size *= 2;
  return size;
}

/**
 * Places for keys of two hashes: the low one says where to look, the high one is kept and compared.
 *
 * Two keys share a place where both agree in the high hash and in the low bits that choose a place, about one pair in
 * 2^50 of a table of a million keys; whoever uses it confirms what it finds.
 */
export class KeyTable {
  /** What each place holds, or -1. */
  readonly values: Int32Array;
  readonly #checks: Uint32Array;
  readonly #mask: number;

  /** @param entries at most so many keys will be set */
  constructor(entries: number) {
    const size = tableSize(entries);
    this.values = new Int32Array(size).fill(-1);
    this.#checks = new Uint32Array(size);
    this.#mask = size - 1;
  }

  /** The place of a key: where it is, or the free one where it belongs; `values` tells which. */
  placeOf(low: number, high: number): number {
    const check = high >>> 0;
    let place = (low >>> 0) & this.#mask;
    while ((this.values[place] as number) !== -1 && this.#checks[place] !== check) {
      place = (place + 1) & this.#mask;
    }
    return place;
  }

  /** Sets a place that `placeOf` gave. */
  set(place: number, high: number, value: number): void {
    this.values[place] = value;
    this.#checks[place] = high >>> 0;
  }

  /** Forgets all keys. */
  clear(): void {
    this.values.fill(-1);
  }
}
