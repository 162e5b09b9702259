/** @file Growable list of integers, four bytes each. */

/** Numbers from 0 to 2^32 - 1, appended at the end. */
export class NumberList {
  length = 0;
  #values: Uint32Array<ArrayBuffer>;

  constructor(expected = 1024) {
    this.#values = new Uint32Array(expected);
  }

  /** Appends a number. */
  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  /** The number at an index in the list. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** Replaces a number. */
  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Removes numbers from the end. */
  truncate(length: number): void {
    this.length = length;
  }

  /** A view of the content: invalid after the next push. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }

  #grow(): void {
    const grown = new Uint32Array(Math.ceil(this.#values.length * 1.6) + 16);
    grown.set(this.#values);
    this.#values = grown;
  }
}
