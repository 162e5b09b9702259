/** @file Nearest known rows by the cosine over words and word bigrams. */
import { type GramBuffer, gramBuffer, wordGrams } from "./grams.ts";
import { unknown } from "./vocabulary.ts";
import type { WordIndex } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";

/** Limits of the search. */
export interface QueryLimits {
  /** Minimum cosine of a match. */
  readonly minCosine: number;
  /** Maximum number of index entries that one query may read. */
  readonly entriesAtMost: number;
}

/** Number of rows sharing the rarest grams that are compared in full. */
const comparedInFull = 24;

/**
 * Finds similar rows. Grams are processed from the rarest to the most frequent until the remaining ones cannot lift any
 * row over the minimum cosine, or until the limit of entries is reached. In the latter case a match that shares only
 * frequent grams may be missed, and {@link cutShort} counts the query.
 */
export class WordQuery {
  /** Rows found, best first, with their cosines; the first `found` are valid. */
  readonly rows: Int32Array = new Int32Array(comparedInFull);
  readonly cosines: Float64Array = new Float64Array(comparedInFull);
  found = 0;
  /** The rows passed as `others`, in their order. */
  others: readonly { readonly row: number; readonly cosine: number }[] = [];
  /** Number of queries that reached the limit of entries. */
  cutShort = 0;

  readonly #index: WordIndex;
  readonly #limits: QueryLimits;
  readonly #reader = new WordReader();
  readonly #buffer: GramBuffer = gramBuffer();
  readonly #ids: Int32Array;
  readonly #order: Float64Array;
  readonly #weightInQuery: Float32Array;
  readonly #sums: Float32Array;
  readonly #touched: Int32Array;
  #count = 0;
  #norm = 0;

  constructor(index: WordIndex, limits: QueryLimits) {
    this.#index = index;
    this.#limits = limits;
    this.#ids = new Int32Array(this.#buffer.hashes.length);
    this.#order = new Float64Array(this.#buffer.hashes.length);
    this.#weightInQuery = new Float32Array(index.weights.length);
    this.#sums = new Float32Array(index.norms.length);
    this.#touched = new Int32Array(index.norms.length);
  }

  /**
   * Fills {@link rows}.
   *
   * @param self the row's own number if it is a known row, which is excluded from the results and from the weights'
   * counts; -1 for others
   * @param others known rows that are always compared, whatever words they share
   */
  find(text: string, self: number, others: readonly number[] = []): void {
    this.#reader.read(text);
    wordGrams(this.#reader, this.#buffer);
    this.#weigh(self >= 0 ? 1 : 0);
    this.#collect(self);
    this.#compare(others);
    for (let at = 0; at < this.#count; at++) this.#weightInQuery[this.#ids[at] as number] = 0;
  }

  /** Cosine of two known rows. */
  between(one: number, other: number): number {
    const { offsets, grams, weights, norms } = this.#index;
    const mine = this.#weightInQuery;
    const [from, until] = [offsets[one] as number, offsets[one + 1] as number];
    for (let at = from; at < until; at++) mine[grams[at] as number] = weights[grams[at] as number] as number;
    const sum = this.#dot(other);
    for (let at = from; at < until; at++) mine[grams[at] as number] = 0;
    return sum / ((norms[one] as number) * (norms[other] as number));
  }

  /** Weights of the query's distinct grams, and its norm. */
  #weigh(own: number): void {
    const { vocabulary, weights, unknownWord, unknownPair } = this.#index;
    let [count, sum] = [0, 0];
    for (let at = 0; at < this.#buffer.count; at++) {
      const id = vocabulary.find(this.#buffer.hashes[at] as number);
      const isElsewhere = id !== unknown && vocabulary.rowsWith(id) > own;
      if (!isElsewhere) {
        sum += (at < this.#buffer.words ? unknownWord : unknownPair) ** 2;
      } else {
        const weight = weights[id] as number;
        this.#weightInQuery[id] = weight;
        this.#ids[count] = id;
        this.#order[count] = vocabulary.rowsWith(id) * 0x20000 + count;
        count++;
        sum += weight * weight;
      }
    }
    this.#count = count;
    this.#norm = Math.sqrt(sum);
    this.#order.subarray(0, count).sort();
  }

  /** Accumulates the weights that rows share with the query, and retains the rows with the most. */
  #collect(self: number): void {
    const { rowOffsets, rows, norms } = this.#index;
    const [sums, reached] = [this.#sums, this.#touched];
    let left = 0;
    for (let at = 0; at < this.#count; at++)
      left += (this.#weightInQuery[this.#ids[at] as number] as number) ** 2;
    const least = (this.#limits.minCosine * this.#norm) ** 2;
    let [touched, entries] = [0, 0];
    for (let at = 0; at < this.#count && left >= least; at++) {
      const id = this.#ids[(this.#order[at] as number) % 0x20000] as number;
      const [from, until] = [rowOffsets[id] as number, rowOffsets[id + 1] as number];
      entries += until - from;
      if (entries > this.#limits.entriesAtMost) {
        this.cutShort++;
        break;
      }
      const weight = this.#weightInQuery[id] as number;
      const shared = weight * weight;
      left -= shared;
      for (let entry = from; entry < until; entry++) {
        const row = rows[entry] as number;
        const sum = sums[row] as number;
        if (sum === 0) reached[touched++] = row;
        sums[row] = sum + shared;
      }
    }
    this.found = 0;
    let worst = 0;
    for (let at = 0; at < touched; at++) {
      const row = reached[at] as number;
      const sum = sums[row] as number;
      sums[row] = 0;
      if (sum <= worst * (norms[row] as number) || row === self) continue;
      this.#keep(row, sum / (norms[row] as number));
      if (this.found === comparedInFull) worst = this.cosines[comparedInFull - 1] as number;
    }
  }

  /** Replaces the partial sums by exact cosines. */
  #compare(others: readonly number[]): void {
    const { norms } = this.#index;
    const cosineOf = (row: number): number => this.#dot(row) / ((norms[row] as number) * this.#norm);
    const rows = this.rows.slice(0, this.found);
    this.found = 0;
    for (const row of rows) {
      const cosine = cosineOf(row);
      if (cosine >= this.#limits.minCosine) this.#keep(row, cosine);
    }
    this.others = others.map((row) => ({ row, cosine: cosineOf(row) }));
  }

  #dot(row: number): number {
    const { offsets, grams, weights } = this.#index;
    let sum = 0;
    const until = offsets[row + 1] as number;
    for (let at = offsets[row] as number; at < until; at++) {
      const id = grams[at] as number;
      sum += (this.#weightInQuery[id] as number) * (weights[id] as number);
    }
    return sum;
  }

  /** Inserts a row among the best ones. Ties go to the earlier row. */
  #keep(row: number, value: number): void {
    let at = this.found;
    if (at === comparedInFull) {
      if (value <= (this.cosines[at - 1] as number)) return;
      at--;
    } else this.found++;
    while (at > 0 && (this.cosines[at - 1] as number) < value) {
      this.cosines[at] = this.cosines[at - 1] as number;
      this.rows[at] = this.rows[at - 1] as number;
      at--;
    }
    this.cosines[at] = value;
    this.rows[at] = row;
  }
}
