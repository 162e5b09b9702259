/**
 * @file Held-out rows whose runs of n words stand in one row of an earlier part, whatever else stands there.
 *
 * Containment |A and B| / |A| of the held-out row's different n-grams, not the Jaccard index: a short item within a
 * long row has a low one. Runs are compared word by word. Runs that very many held-out rows have are boilerplate;
 * they count neither way. A share says little of a row with few runs: it has to hold `fewestShared` of them, or all,
 * and the row's words have to be more than a common phrase, by the rule of `one-word.ts`. A row of about the same
 * length with another answer is the same template or passage with another question, and does not contain the row.
 * Runs that consist of boilerplate for more than half are not the row's own either: those at the border of a fixed
 * instruction and a short question would otherwise be all that is left of the row.
 */

import { mix32 } from "@tunewise/core/math";
import type { PartnerSink } from "./best-partners.ts";
import { KeyTable } from "./hash.ts";
import { NumberList } from "./number-list.ts";
import { answersDiffer, type Sides } from "./sides.ts";
import { gramRoom, gramsOf } from "./word-grams.ts";
import type { Words } from "./words.ts";

/** Runs in common that a pair needs unless all are. */
const fewestShared = 4;
/** Times ln(rows + 1) that a row's words have to carry, nats. */
const surprise = 2;

/** What was found for one n. */
interface ContainedCounts {
  /** Held-out rows that share at least one n-gram with a row of an earlier part. */
  readonly sharing: number;
  /** Different n-grams left out as boilerplate. */
  readonly boilerplate: number;
}

/** A run in more held-out rows than this many, and this share of them, is boilerplate. */
const [boilerplateRows, boilerplateShare] = [16, 0.02];
/** In more rows than this a run is boilerplate whatever the share: each costs a step per earlier row that has it. */
const mostHolders = 256;

/**
 * Offers to `best` the row of an earlier part that holds the largest share of a held-out row's n-grams.
 *
 * @param least the smallest share offered, above 0
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

/** How much longer a row has to be than one that it contains, if their answers differ. */
const longer = 1.3;

/** Whether a row is so much longer than a held-out row that it may hold it beside something else. */
export function isLonger(
  { offsets }: Pick<Words, "offsets">,
  row: number,
  { offsets: heldOffsets }: Pick<Words, "offsets">,
  heldOut: number,
): boolean {
  const length = (offsets[row + 1] as number) - (offsets[row] as number);
  return length >= longer * ((heldOffsets[heldOut + 1] as number) - (heldOffsets[heldOut] as number));
}

/** Held-out rows, to be looked for in rows of earlier parts. */
export class HeldOutGrams {
  readonly #words: Words;
  readonly #rows: Uint32Array;
  readonly #index: GramIndex;
  readonly #shares: Uint8Array;
  readonly #least: number;

  /** @param least the smallest share reported, above 0 */
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

  /** Held-out rows that shared a run with any row so far. */
  get sharing(): number {
    return this.#shares.reduce((sum, one) => sum + one, 0);
  }

  /**
   * Reports held-out rows that stand in a row.
   *
   * @param words those of the row, with the same numbers as those of the held-out rows
   */
  find(words: Words, row: number, found: (heldOut: number, share: number) => void): void {
    this.#index.eachHolder(words, row, (held, shared, all) => {
      this.#shares[held] = 1;
      if (shared < this.#least * all || (shared < fewestShared && shared < all)) return;
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
  /** Different n-grams that too many rows have. */
  readonly boilerplate: number;
  readonly #words: Words;
  readonly #n: number;
  #room: Int32Array;
  readonly #table: KeyTable;
  /** Per gram: where it first stands, the last entry of its rows, and the last text that asked for it. */
  readonly #starts = new NumberList();
  readonly #lastEntry = new NumberList();
  readonly #holders = new NumberList();
  readonly #askedBy: Int32Array;
  /** Per entry: a row that has the gram, and the entry before, one up. */
  readonly #entryRow = new NumberList();
  readonly #entryBefore = new NumberList();
  readonly #sizes: Uint32Array;
  readonly #hits: Uint32Array;
  readonly #touched: Uint32Array;
  readonly #mostHolders: number;
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
    this.#mostHolders = Math.min(mostHolders, Math.max(boilerplateRows, boilerplateShare * rows.length));
    this.boilerplate = this.#leaveOutBoilerplate(rows);
  }

  /** Calls `found` with each held-out row that shares grams with a row, how many, and how many it has. */
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
      if (gram === -1 || this.#askedBy[gram] === asked || this.#holders.at(gram) > this.#mostHolders)
        continue;
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
      if (this.#holders.at(gram) <= this.#mostHolders) continue;
      left++;
      for (let entry = this.#lastEntry.at(gram); entry !== 0; entry = this.#entryBefore.at(entry - 1)) {
        const held = this.#entryRow.at(entry - 1);
        this.#sizes[held] = (this.#sizes[held] as number) - 1;
      }
    }
    return left;
  }

  /** Gives runs with too few words outside of boilerplate as many holders as boilerplate has. */
  #markBorders(rows: Uint32Array): void {
    const isBoilerplate = (gram: number): boolean => this.#holders.at(gram) > this.#mostHolders;
    let first = 0;
    while (first < this.#starts.length && !isBoilerplate(first)) first++;
    if (first === this.#starts.length) return;
    const borders = new Set<number>();
    for (const row of rows) {
      const grams = this.#gramsOf(row);
      if (!grams.some(isBoilerplate)) continue;
      // a word is boilerplate if a run that is boilerplate covers it
      let coveredUntil = 0;
      const isOwn = Array.from({ length: grams.length + this.#n - 1 }, (_, at) => {
        if (at < grams.length && isBoilerplate(grams[at] as number)) coveredUntil = at + this.#n;
        return at >= coveredUntil;
      });
      for (const [at, gram] of grams.entries()) {
        if (2 * isOwn.slice(at, at + this.#n).filter(Boolean).length < this.#n) borders.add(gram);
      }
    }
    for (const gram of borders) this.#holders.set(gram, this.#mostHolders + 1);
  }

  /** The numbers of a held-out row's runs, in their order. */
  #gramsOf(row: number): number[] {
    const count = gramsOf(this.#words, row, this.#n, this.#room);
    const start = this.#words.offsets[row] as number;
    return Array.from({ length: count }, (_, at) => {
      const place = this.#placeOf(this.#room[at] as number, this.#words.ids, start + at);
      return this.#table.values[place] as number;
    });
  }

  /** The place of a run; another run of the same hash has another, found by hashing on. */
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
