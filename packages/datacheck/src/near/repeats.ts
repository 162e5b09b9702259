/**
 * @file Rows with the same words in the same order: the first stage. It also selects the rows for the other stages.
 *
 * Rows are found by a 64-bit hash and compared word by word, so that no collision creates a pair. Rows without a
 * single letter or digit are compared verbatim.
 */

import { mix32 } from "@tunewise/core/math";
import { haveSameOrder } from "./compare-words.ts";
import { KeyTable } from "./hash.ts";
import { NumberList } from "./number-list.ts";
import type { PairList } from "./pairs.ts";
import { labelsDiffer, type Sides } from "./sides.ts";
import type { Words } from "./words.ts";

/** Rows with the same words, each represented by its first occurrence. */
export interface Repeats {
  /** Rows whose words (and label) do not occur in an earlier row of their part, in the order of comparison. */
  readonly first: Uint32Array;
  /** For each row, the row that represents it; the row itself if it is in `first`. */
  readonly standsFor: Uint32Array;
}

/** Maximum number of spellings (or labels) of the same words that are distinguished per part. */
const maxVariants = 16;

/** Earlier rows of one part with the same words. */
interface Match {
  /** The first one, or -1. */
  first: number;
  /** One with identical text, or -1. */
  exact: number;
  /** One with the same label, or -1. */
  sameLabel: number;
  /** One with another label, or -1. */
  otherLabel: number;
  variants: number;
}

/** Adds `exact` and `normalized` pairs to a list. */
export function findRepeats(words: Words, texts: readonly string[], sides: Sides, list: PairList): Repeats {
  const index = new RepeatIndex(words, texts, sides);
  const standsFor = new Uint32Array(sides.count);
  const first = new NumberList(sides.count);
  const add = (row: number, other: number, exact: number): void => {
    const kind = exact === other ? "exact" : "normalized";
    list.add(row, other, kind, 1, labelsDiffer(sides, row, other));
  };
  for (const row of sides.order) {
    const own = sides.part[row] as number;
    for (let part = 0; part <= own; part++) {
      const match = index.find(row, part);
      const best = match.exact === -1 ? match.first : match.exact;
      if (best !== -1) add(row, best, match.exact);
      const { otherLabel } = match;
      if (otherLabel !== -1 && best !== otherLabel && !labelsDiffer(sides, row, best)) {
        add(row, otherLabel, texts[row] === texts[otherLabel] ? otherLabel : -1);
      }
      if (part < own) continue;
      const isFull = match.variants >= maxVariants;
      const stands = match.sameLabel === -1 && isFull ? match.first : match.sameLabel;
      standsFor[row] = stands === -1 ? row : stands;
      if (stands === -1) first.push(row);
      if (!isFull && (match.exact === -1 || match.sameLabel === -1)) index.addLast();
    }
  }
  return { first: first.view().slice(), standsFor };
}

/** Earlier rows by their words and part. */
class RepeatIndex {
  readonly #words: Words;
  readonly #texts: readonly string[];
  readonly #sides: Sides;
  readonly #table: KeyTable;
  /** The next row of the same key, in order of insertion. */
  readonly #next: Int32Array;
  #place = 0;
  #high = 0;
  #row = 0;
  #tail = -1;

  constructor(words: Words, texts: readonly string[], sides: Sides) {
    this.#words = words;
    this.#texts = texts;
    this.#sides = sides;
    this.#table = new KeyTable(sides.count);
    this.#next = new Int32Array(sides.count).fill(-1);
  }

  find(row: number, part: number): Match {
    const { offsets, ids } = this.#words;
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    let [low, high] = [part + 1, ~part];
    for (let at = from; at < to; at++) {
      low = mix32(low ^ (ids[at] as number));
      high = Math.imul(high, 0x9e3779b1) + (ids[at] as number);
    }
    if (from === to) {
      const text = this.#texts[row] as string;
      for (let at = 0; at < text.length; at++) {
        low = mix32(low ^ text.charCodeAt(at));
        high = Math.imul(high, 0x9e3779b1) + text.charCodeAt(at);
      }
    }
    this.#high = mix32(high);
    this.#place = this.#table.placeOf(low, this.#high);
    this.#row = row;
    return this.#match(row);
  }

  /** Adds the row of the last look-up, under the part it was looked up in. */
  addLast(): void {
    if (this.#tail === -1) this.#table.set(this.#place, this.#high, this.#row);
    else this.#next[this.#tail] = this.#row;
  }

  #match(row: number): Match {
    const match: Match = { first: -1, exact: -1, sameLabel: -1, otherLabel: -1, variants: 0 };
    this.#tail = -1;
    for (
      let known = this.#table.values[this.#place] as number;
      known !== -1;
      known = this.#next[known] as number
    ) {
      this.#tail = known;
      if (!this.#haveSameWords(row, known)) continue;
      match.variants++;
      if (match.first === -1) match.first = known;
      if (labelsDiffer(this.#sides, row, known)) {
        if (match.otherLabel === -1) match.otherLabel = known;
      } else if (match.sameLabel === -1) match.sameLabel = known;
      if (match.exact === -1 && this.#texts[known] === this.#texts[row]) match.exact = known;
    }
    return match;
  }

  #haveSameWords(row: number, known: number): boolean {
    if (!haveSameOrder(this.#words, row, known)) return false;
    const { offsets } = this.#words;
    return offsets[row] !== offsets[row + 1] || this.#texts[row] === this.#texts[known];
  }
}
