/** @file Forward index: the terms of each passage in the order of first use; postings and feedback derive from it. */
import type { Passage } from "../passages/passage.ts";
import type { Lexicon } from "../terms/lexicon.ts";

/** Terms of P passages; those of passage p are at `starts[p]` to `starts[p + 1]`. */
export interface Forward {
  /** `[P + 1]` */
  readonly starts: Uint32Array;
  readonly terms: Uint32Array;
  /** Frequency of the term in the title and in the body, capped at 65,535. */
  readonly titleCounts: Uint16Array;
  readonly bodyCounts: Uint16Array;
  /** `[P]` number of terms in the field, including repeats. */
  readonly titleLengths: Uint32Array;
  readonly bodyLengths: Uint32Array;
}

const maxCounted = 65_535;

/** Collects the terms of one passage after another. */
export class ForwardWriter {
  readonly #lexicon: Lexicon;
  readonly #starts = new GrowingNumbers(Uint32Array);
  readonly #terms = new GrowingNumbers(Uint32Array);
  readonly #titleCounts = new GrowingNumbers(Uint16Array);
  readonly #bodyCounts = new GrowingNumbers(Uint16Array);
  readonly #titleLengths = new GrowingNumbers(Uint32Array);
  readonly #bodyLengths = new GrowingNumbers(Uint32Array);
  /** Position of each term in the current passage; a value below the passage's start means not yet in it. */
  #slots = new Float64Array(1024).fill(-1);

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
    this.#starts.push(0);
  }

  /** Adds a passage by reading it. */
  add({ title, text }: Passage): void {
    const start = this.#terms.length;
    const inTitle = title === "" ? [] : this.#lexicon.read(title);
    const inBody = this.#lexicon.read(text);
    for (const term of inTitle) this.#titleCounts.raise(this.#slotOf(term, start), maxCounted);
    for (const term of inBody) this.#bodyCounts.raise(this.#slotOf(term, start), maxCounted);
    this.#end(inTitle.length, inBody.length);
  }

  /** Copies a passage from an older index, whose terms are `names`. */
  copy(from: Forward, passage: number, names: readonly string[]): void {
    const end = from.starts[passage + 1] as number;
    for (let at = from.starts[passage] as number; at < end; at++) {
      this.#terms.push(this.#lexicon.add(names[from.terms[at] as number] as string));
      this.#titleCounts.push(from.titleCounts[at] as number);
      this.#bodyCounts.push(from.bodyCounts[at] as number);
    }
    this.#end(from.titleLengths[passage] as number, from.bodyLengths[passage] as number);
  }

  /** All passages so far. */
  finish(): Forward {
    return {
      starts: this.#starts.values() as Uint32Array,
      terms: this.#terms.values() as Uint32Array,
      titleCounts: this.#titleCounts.values() as Uint16Array,
      bodyCounts: this.#bodyCounts.values() as Uint16Array,
      titleLengths: this.#titleLengths.values() as Uint32Array,
      bodyLengths: this.#bodyLengths.values() as Uint32Array,
    };
  }

  #slotOf(term: number, start: number): number {
    if (term >= this.#slots.length) {
      const wider = new Float64Array(2 * Math.max(term, this.#slots.length)).fill(-1);
      wider.set(this.#slots);
      this.#slots = wider;
    }
    const known = this.#slots[term] as number;
    if (known >= start) return known;
    const slot = this.#terms.length;
    this.#slots[term] = slot;
    this.#terms.push(term);
    this.#titleCounts.push(0);
    this.#bodyCounts.push(0);
    return slot;
  }

  #end(titleLength: number, bodyLength: number): void {
    this.#titleLengths.push(titleLength);
    this.#bodyLengths.push(bodyLength);
    this.#starts.push(this.#terms.length);
  }
}

type Numbers = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A typed array with spare capacity. */
class GrowingNumbers {
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

  /** Increments the number at an index, up to `most`. */
  raise(at: number, most: number): void {
    const value = this.#held[at] as number;
    if (value < most) this.#held[at] = value + 1;
  }

  /** A copy of exactly the numbers in the list. */
  values(): Numbers {
    return this.#held.slice(0, this.length);
  }
}
