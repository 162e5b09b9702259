/**
 * @file The terms of each passage, in the order of their first use: what postings are made of and feedback reads.
 */
import type { Passage } from "../passages/passage.ts";
import type { Lexicon } from "../terms/lexicon.ts";
import { GrowingNumbers } from "./growing-numbers.ts";

/** Terms of P passages; those of passage p lie from `starts[p]` to `starts[p + 1]`. */
export interface Forward {
  /** `[P + 1]` */
  readonly starts: Uint32Array;
  readonly terms: Uint32Array;
  /** How often the term is in the title and in the body; more than 65,535 times count as that. */
  readonly titleCounts: Uint16Array;
  readonly bodyCounts: Uint16Array;
  /** `[P]` all terms of the field, repeats counted. */
  readonly titleLengths: Uint32Array;
  readonly bodyLengths: Uint32Array;
}

const mostCounted = 65_535;

/** Gathers the terms of passage after passage. */
export class ForwardWriter {
  readonly #lexicon: Lexicon;
  readonly #starts = new GrowingNumbers(Uint32Array);
  readonly #terms = new GrowingNumbers(Uint32Array);
  readonly #titleCounts = new GrowingNumbers(Uint16Array);
  readonly #bodyCounts = new GrowingNumbers(Uint16Array);
  readonly #titleLengths = new GrowingNumbers(Uint32Array);
  readonly #bodyLengths = new GrowingNumbers(Uint32Array);
  /** Where the running passage keeps a term, by term; smaller than the passage's start: not in it yet. */
  #slots = new Float64Array(1024).fill(-1);

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
    this.#starts.push(0);
  }

  /** A passage that has to be read. */
  add({ title, text }: Passage): void {
    const start = this.#terms.length;
    const inTitle = title === "" ? [] : this.#lexicon.read(title);
    const inBody = this.#lexicon.read(text);
    for (const term of inTitle) this.#titleCounts.raise(this.#slotOf(term, start), mostCounted);
    for (const term of inBody) this.#bodyCounts.raise(this.#slotOf(term, start), mostCounted);
    this.#end(inTitle.length, inBody.length);
  }

  /** A passage that an older index has read, whose terms are `names`. */
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
