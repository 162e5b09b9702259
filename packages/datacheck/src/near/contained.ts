/**
 * @file Held-out rows whose runs of n words occur in one row of an earlier part, whatever else that row contains.
 *
 * Uses containment |A and B| / |A| of the held-out row's distinct n-grams, not the Jaccard index, which is low for a
 * short item within a long row. Runs are compared word by word.
 *
 * Runs that many held-out rows have are boilerplate and do not count. Neither do runs of which boilerplate covers more
 * than half: at the border of a fixed instruction and a short question, such runs would be all that remains of the row.
 *
 * A share means little for a row with few runs. So a pair must share `minShared` runs, or all of them, and the row's
 * words must carry more information than a common phrase, by the rule of `one-word.ts`.
 *
 * A row of about the same length with another answer uses the same template or passage for another question. It does
 * not contain the held-out row.
 */

import { mix32 } from "@tunewise/core/math";
import type { PartnerSink } from "./best-partners.ts";
import { KeyTable } from "./hash.ts";
import { NumberList } from "./number-list.ts";
import { answersDiffer, type Sides } from "./sides.ts";
import { gramRoom, gramsOf } from "./word-grams.ts";
import type { Words } from "./words.ts";

/** Min shared runs of a pair, unless all runs are shared. */
const minShared = 4;
/** A row's words must carry at least this many times ln(rows + 1) nats. */
const surprise = 2;

/** Counts for one n. */
interface ContainedCounts {
  /** Held-out rows that share at least one n-gram with a row of an earlier part. */
  readonly sharing: number;
  /** Distinct n-grams ignored as boilerplate. */
  readonly boilerplate: number;
}

/** A run in more held-out rows than this number, and than this share of them, is boilerplate. */
const [boilerplateRows, boilerplateShare] = [16, 0.02];
/**
 * Above this number of rows a run is boilerplate whatever its share, since each row costs a step per earlier row with
 * the run.
 */
const maxHolders = 256;

/**
 * Offers to `best` the rows of earlier parts that contain enough of a held-out row's n-grams.
 *
 * @param least min share that is offered, above 0
 */
export function findContained(
  words: Words,
  sides: Sides,
  rows: Uint32Array,
  n: number,
  least: number,
  best: PartnerSink,
): ContainedCounts {
  const counts = { sharing: 0, boilerplate: 0 };
  for (let part = 1; part < sides.parts; part++) {
    const heldOut = rows.filter((row) => sides.part[row] === part);
    if (heldOut.length === 0) continue;
    const held = new HeldOutGrams(words, heldOut, n, least);
    counts.boilerplate += held.boilerplate;
    for (const row of rows) {
      if ((sides.part[row] as number) >= part) break;
      held.find(words, row, (one, share) => {
        if (!answersDiffer(sides, one, row) || isLonger(words, row, words, one)) best.offer(one, row, share);
      });
    }
    counts.sharing += held.sharing;
  }
  return counts;
}

/** How many times as long a row must be as one that it contains, if their answers differ. */
const longer = 1.3;

/** Whether a row is long enough to contain a held-out row beside other content. */
export function isLonger(
  { offsets }: Pick<Words, "offsets">,
  row: number,
  { offsets: heldOffsets }: Pick<Words, "offsets">,
  heldOut: number,
): boolean {
  const length = (offsets[row + 1] as number) - (offsets[row] as number);
  return length >= longer * ((heldOffsets[heldOut + 1] as number) - (heldOffsets[heldOut] as number));
}

/** An index of held-out rows, to be searched for in rows of earlier parts. */
export class HeldOutGrams {
  readonly #words: Words;
  readonly #rows: Uint32Array;
  readonly #index: GramIndex;
  readonly #shares: Uint8Array;
  readonly #least: number;

  /** @param least min share that is reported, above 0 */
  constructor(words: Words, rows: Uint32Array, n: number, least: number) {
    this.#words = words;
    this.#rows = rows;
    this.#index = new GramIndex(words, rows, n);
    this.#shares = new Uint8Array(rows.length);
    this.#least = least;
  }

  get boilerplate(): number {
    return this.#index.boilerplate;
  }

  /** Number of held-out rows that have shared a run with any row so far. */
  get sharing(): number {
    return this.#shares.reduce((sum, one) => sum + one, 0);
  }

  /**
   * Reports held-out rows that a row contains.
   *
   * @param words words of the row, with the same numbers as those of the held-out rows
   */
  find(words: Words, row: number, found: (heldOut: number, share: number) => void): void {
    this.#index.eachHolder(words, row, (held, shared, all) => {
      this.#shares[held] = 1;
      if (shared < this.#least * all || (shared < minShared && shared < all)) return;
      const one = this.#rows[held] as number;
      if (informationOf(this.#words, one) >= surprise * Math.log(words.count + 1)) found(one, shared / all);
    });
  }
}

function informationOf({ ids, offsets, information }: Words, row: number): number {
  let sum = 0;
  for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) {
    sum += information[ids[at] as number] as number;
  }
  return sum;
}

/** The n-grams of held-out rows. */
class GramIndex {
  /** Distinct n-grams in too many rows. */
  readonly boilerplate: number;
  readonly #words: Words;
  readonly #n: number;
  #room: Int32Array;
  readonly #table: KeyTable;
  /** Per n-gram: its first position, the last entry of its rows, and the last text that requested it. */
  readonly #starts = new NumberList();
  readonly #lastEntry = new NumberList();
  readonly #holders = new NumberList();
  readonly #askedBy: Int32Array;
  /** Per entry: a row with the n-gram, and the index of the previous entry plus one. */
  readonly #entryRow = new NumberList();
  readonly #entryBefore = new NumberList();
  readonly #sizes: Uint32Array;
  readonly #hits: Uint32Array;
  readonly #touched: Uint32Array;
  readonly #maxHolders: number;
  #check = 0;
  #asked = 0;

  constructor(words: Words, rows: Uint32Array, n: number) {
    this.#words = words;
    this.#n = n;
    this.#room = gramRoom(words);
    let grams = 0;
    for (const row of rows) {
      grams += Math.max(0, (words.offsets[row + 1] as number) - (words.offsets[row] as number) - n + 1);
    }
    this.#table = new KeyTable(grams);
    this.#sizes = new Uint32Array(rows.length);
    this.#hits = new Uint32Array(rows.length);
    this.#touched = new Uint32Array(rows.length);
    for (const [held, row] of rows.entries()) this.#add(held, row);
    this.#askedBy = new Int32Array(this.#starts.length).fill(-1);
    this.#maxHolders = Math.min(maxHolders, Math.max(boilerplateRows, boilerplateShare * rows.length));
    this.boilerplate = this.#leaveOutBoilerplate(rows);
  }

  /** Calls `found` for each held-out row that shares n-grams with a row, with the shared and the total number. */
  eachHolder(words: Words, row: number, found: (held: number, shared: number, all: number) => void): void {
    const start = words.offsets[row] as number;
    const length = (words.offsets[row + 1] as number) - start;
    if (length > this.#room.length) this.#room = new Int32Array(2 * length);
    const count = gramsOf(words, row, this.#n, this.#room);
    const asked = this.#asked++;
    let touched = 0;
    for (let at = 0; at < count; at++) {
      const place = this.#placeOf(this.#room[at] as number, words.ids, start + at);
      const gram = this.#table.values[place] as number;
      if (gram === -1 || this.#askedBy[gram] === asked || this.#holders.at(gram) > this.#maxHolders) continue;
      this.#askedBy[gram] = asked;
      for (let entry = this.#lastEntry.at(gram); entry !== 0; entry = this.#entryBefore.at(entry - 1)) {
        const held = this.#entryRow.at(entry - 1);
        if (this.#hits[held] === 0) this.#touched[touched++] = held;
        this.#hits[held] = (this.#hits[held] as number) + 1;
      }
    }
    for (let at = 0; at < touched; at++) {
      const held = this.#touched[at] as number;
      found(held, this.#hits[held] as number, this.#sizes[held] as number);
      this.#hits[held] = 0;
    }
  }

  #add(held: number, row: number): void {
    const count = gramsOf(this.#words, row, this.#n, this.#room);
    const start = this.#words.offsets[row] as number;
    for (let at = 0; at < count; at++) {
      const hash = this.#room[at] as number;
      const place = this.#placeOf(hash, this.#words.ids, start + at);
      let gram = this.#table.values[place] as number;
      if (gram === -1) {
        gram = this.#starts.length;
        this.#table.set(place, this.#check, gram);
        this.#starts.push(start + at);
        this.#lastEntry.push(0);
        this.#holders.push(0);
      }
      const last = this.#lastEntry.at(gram);
      if (last !== 0 && this.#entryRow.at(last - 1) === held) continue;
      this.#entryRow.push(held);
      this.#entryBefore.push(last);
      this.#lastEntry.set(gram, this.#entryRow.length);
      this.#holders.set(gram, this.#holders.at(gram) + 1);
      this.#sizes[held] = (this.#sizes[held] as number) + 1;
    }
  }

  #leaveOutBoilerplate(rows: Uint32Array): number {
    this.#markBorders(rows);
    let left = 0;
    for (let gram = 0; gram < this.#starts.length; gram++) {
      if (this.#holders.at(gram) <= this.#maxHolders) continue;
      left++;
      for (let entry = this.#lastEntry.at(gram); entry !== 0; entry = this.#entryBefore.at(entry - 1)) {
        const held = this.#entryRow.at(entry - 1);
        this.#sizes[held] = (this.#sizes[held] as number) - 1;
      }
    }
    return left;
  }

  /** Treats runs with too few words outside boilerplate as boilerplate, by giving them the same number of holders. */
  #markBorders(rows: Uint32Array): void {
    const isBoilerplate = (gram: number): boolean => this.#holders.at(gram) > this.#maxHolders;
    let first = 0;
    while (first < this.#starts.length && !isBoilerplate(first)) first++;
    if (first === this.#starts.length) return;
    const borders = new Set<number>();
    for (const row of rows) {
      const grams = this.#gramsOf(row);
      if (!grams.some(isBoilerplate)) continue;
      // a word is boilerplate if a boilerplate run covers it
      let coveredUntil = 0;
      const isOwn = Array.from({ length: grams.length + this.#n - 1 }, (_, at) => {
        if (at < grams.length && isBoilerplate(grams[at] as number)) coveredUntil = at + this.#n;
        return at >= coveredUntil;
      });
      for (const [at, gram] of grams.entries()) {
        if (2 * isOwn.slice(at, at + this.#n).filter(Boolean).length < this.#n) borders.add(gram);
      }
    }
    for (const gram of borders) this.#holders.set(gram, this.#maxHolders + 1);
  }

  /** The n-gram numbers of a held-out row, in order. */
  #gramsOf(row: number): number[] {
    const count = gramsOf(this.#words, row, this.#n, this.#room);
    const start = this.#words.offsets[row] as number;
    return Array.from({ length: count }, (_, at) => {
      const place = this.#placeOf(this.#room[at] as number, this.#words.ids, start + at);
      return this.#table.values[place] as number;
    });
  }

  /** The slot of a run. A different run with the same hash gets another slot by probing. */
  #placeOf(hash: number, ids: Uint32Array, start: number): number {
    for (let salt = 0; ; salt++) {
      this.#check = highOf(hash) + salt;
      const place = this.#table.placeOf(hash + salt, this.#check);
      const gram = this.#table.values[place] as number;
      if (gram === -1 || this.#isRun(this.#starts.at(gram), ids, start)) return place;
    }
  }

  #isRun(one: number, ids: Uint32Array, two: number): boolean {
    const { ids: known } = this.#words;
    for (let at = 0; at < this.#n; at++) if (known[one + at] !== ids[two + at]) return false;
    return true;
  }
}

function highOf(hash: number): number {
  return mix32(hash ^ 0x6c078965);
}
