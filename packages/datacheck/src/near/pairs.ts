/** @file Pairs of rows that repeat one another, as flat arrays. */
import { NumberList } from "./number-list.ts";

/**
 * How a row repeats another, strictest first.
 *
 * - `exact` the same text
 * - `normalized` the same words in the same order
 * - `reordered` the same words, each as often, in another order
 * - `one-word` one word added, deleted or replaced; see `one-word.ts` for which of these count
 * - `near` word 5-grams with Jaccard 0.7 or more, or word sets with 0.8 or more
 * - `contained` half or more of a held-out row's 8-grams (or 13-grams) occur in one row of an earlier part
 */
export const pairKinds = ["exact", "normalized", "reordered", "one-word", "near", "contained"] as const;
/** The name of a kind. */
export type PairKind = (typeof pairKinds)[number];

/** Pairs, sorted by row and then kind. */
export interface Pairs {
  readonly count: number;
  /** The row that repeats: the later one of its part, or the one of the later part. */
  readonly row: Uint32Array;
  /** The row it repeats. */
  readonly other: Uint32Array;
  /** Index into `pairKinds`. */
  readonly kind: Uint8Array;
  /** Similarity, 0 to 1: a Jaccard index, or for `contained` the share of the row's n-grams. */
  readonly score: Float32Array;
  /** 1 if answers are known and differ. */
  readonly differs: Uint8Array;
}

/** Collects pairs. */
export class PairList {
  readonly #rows = new NumberList();
  readonly #others = new NumberList();
  /** Kind, whether answers differ, and score in millionths, packed into one number. */
  readonly #rest = new NumberList();

  /** Adds a pair. */
  add(row: number, other: number, kind: PairKind, score: number, differs: boolean): void {
    this.#rows.push(row);
    this.#others.push(other);
    const told = pairKinds.indexOf(kind) * 2 + (differs ? 1 : 0);
    this.#rest.push(told * 2 ** 24 + Math.round(score * 1e6));
  }

  /** All pairs; within a kind, in order of insertion. */
  toPairs(rows: number): Pairs {
    const count = this.#rows.length;
    const starts = new Uint32Array(rows + 1);
    for (const row of this.#rows.view()) starts[row + 1] = (starts[row + 1] as number) + 1;
    for (let row = 0; row < rows; row++)
      starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
    const order = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      const row = this.#rows.at(at);
      const place = starts[row] as number;
      starts[row] = place + 1;
      order[place] = at;
    }
    const kindAt = (at: number): number => this.#rest.at(at) >>> 25;
    for (let from = 0; from < count; ) {
      let to = from + 1;
      while (to < count && this.#rows.at(order[to] as number) === this.#rows.at(order[from] as number)) to++;
      if (to - from > 1) order.subarray(from, to).sort((a, b) => kindAt(a) - kindAt(b) || a - b);
      from = to;
    }
    const told = Uint32Array.from(order, (at) => this.#rest.at(at));
    return {
      count,
      row: Uint32Array.from(order, (at) => this.#rows.at(at)),
      other: Uint32Array.from(order, (at) => this.#others.at(at)),
      kind: Uint8Array.from(told, (one) => one >>> 25),
      score: Float32Array.from(told, (one) => (one & 0xffffff) / 1e6),
      differs: Uint8Array.from(told, (one) => (one >>> 24) & 1),
    };
  }
}
