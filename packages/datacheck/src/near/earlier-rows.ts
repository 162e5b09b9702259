/** @file Earlier rows by key: the first row and the latest ones, so that a frequent key has bounded cost. */
import { KeyTable } from "./hash.ts";

/** Rows in the order in which they were added, by key. */
export class EarlierRows {
  readonly #table: KeyTable;
  /** The latest entry of each slot. */
  readonly #latest: Int32Array;
  /** Per entry: the row, and the previous entry with the same key, or -1. */
  readonly #rows: Int32Array;
  readonly #before: Int32Array;
  readonly #most: number;
  #entries = 0;

  /**
   * @param entries max rows added
   * @param most max latest rows to visit in addition to the first one
   */
  constructor(entries: number, most: number) {
    this.#table = new KeyTable(entries);
    this.#latest = new Int32Array(this.#table.values.length);
    this.#rows = new Int32Array(entries);
    this.#before = new Int32Array(entries);
    this.#most = most;
  }

  /**
   * Adds a row, and calls `met` with earlier rows of the same key: the first one, then the latest, newest first.
   *
   * @returns whether all earlier rows were visited
   */
  meet(low: number, high: number, row: number, met: (other: number) => void): boolean {
    const place = this.#table.placeOf(low, high);
    const first = this.#table.values[place] as number;
    let entry = first === -1 ? -1 : (this.#latest[place] as number);
    this.#rows[this.#entries] = row;
    this.#before[this.#entries] = entry;
    this.#latest[place] = this.#entries++;
    if (first === -1) {
      this.#table.set(place, high, row);
      return true;
    }
    met(first);
    // an entry without a previous one belongs to the first row
    for (let steps = 0; (this.#before[entry] as number) !== -1; entry = this.#before[entry] as number) {
      if (steps++ === this.#most) return false;
      met(this.#rows[entry] as number);
    }
    return true;
  }

  /** Removes all rows. */
  clear(): void {
    this.#table.clear();
    this.#entries = 0;
  }
}
