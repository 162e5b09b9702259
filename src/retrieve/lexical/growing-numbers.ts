/**
 * @file A list of whole numbers that grows without boxing them.
 */

type Numbers = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A typed array with room to spare. */
export class GrowingNumbers {
  readonly #make: new (
    length: number,
  ) => Numbers;
  #held: Numbers;
  length = 0;

  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#held = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.#held.length) {
      const wider = new this.#make(2 * this.length);
      wider.set(this.#held);
      this.#held = wider;
    }
    this.#held[this.length++] = value;
  }

  /** Adds one to the number at a place, up to `most`. */
  raise(at: number, most: number): void {
    const value = this.#held[at] as number;
    if (value < most) this.#held[at] = value + 1;
  }

  /** A copy of exactly the numbers that are there. */
  values(): Numbers {
    return this.#held.slice(0, this.length);
  }
}
