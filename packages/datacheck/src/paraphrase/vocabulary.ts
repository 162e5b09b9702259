/** @file Gram numbers and document frequencies. */

/** Number of a gram that is not in the vocabulary. */
export const unknown = -1;

/**
 * Numbers grams in order of first use. Grams are identified by a 32-bit hash: with ten million grams, one in four
 * hundred collides with another, which adds noise to a few rare weights.
 */
export class Vocabulary {
  size = 0;
  #rows = new Uint32Array(1 << 12);
  #hashes = new Uint32Array(1 << 12);
  #slots: Int32Array = new Int32Array(1 << 13).fill(unknown);

  /** The number of a gram, adding it if new. */
  add(hash: number): number {
    const slot = this.#slotOf(hash);
    const known = this.#slots[slot] as number;
    if (known !== unknown) return known;
    const id = this.size++;
    this.#slots[slot] = id;
    if (id >= this.#hashes.length) this.#widen();
    this.#hashes[id] = hash;
    if (2 * this.size > this.#slots.length) this.#spread();
    return id;
  }

  /** The number of a gram, or {@link unknown}. */
  find(hash: number): number {
    return this.#slots[this.#slotOf(hash)] as number;
  }

  /** Counts one more row with this gram. */
  count(id: number): void {
    (this.#rows[id] as number)++;
  }

  /** Number of rows with this gram. */
  rowsWith(id: number): number {
    return this.#rows[id] as number;
  }

  #slotOf(hash: number): number {
    const last = this.#slots.length - 1;
    let slot = hash & last;
    for (;;) {
      const id = this.#slots[slot] as number;
      if (id === unknown || this.#hashes[id] === hash) return slot;
      slot = (slot + 1) & last;
    }
  }

  #widen(): void {
    const [rows, hashes] = [new Uint32Array(2 * this.#rows.length), new Uint32Array(2 * this.#hashes.length)];
    rows.set(this.#rows);
    hashes.set(this.#hashes);
    [this.#rows, this.#hashes] = [rows, hashes];
  }

  #spread(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(unknown);
    for (let id = 0; id < this.size; id++) this.#slots[this.#slotOf(this.#hashes[id] as number)] = id;
  }
}
