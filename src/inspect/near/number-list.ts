/**
 * @file A list of whole numbers that grows, four bytes each.
 */

/** Numbers from 0 to 2^32 - 1, added at the end. */
export class NumberList {
  length = 0;
  #values: Uint32Array<ArrayBuffer>;

  constructor(expected = 1024) {
    this.#values = new Uint32Array(expected);
  }

  /** Adds one. */
  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  /** The one at a place that has been filled. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** Changes one that is there. */
  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Takes the last ones away. */
  truncate(length: number): void {
    this.length = length;
  }

  /** What it holds, in place: not to be used once more is added. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }

  #grow(): void {
    const grown = new Uint32Array(Math.ceil(this.#values.length * 1.6) + 16);
    grown.set(this.#values);
    this.#values = grown;
  }
}
