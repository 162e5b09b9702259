/** @file Keys of rows on a cluster. Rows with a common key go to one machine, which lists the candidate pairs. */
import { mix32 } from "@tunewise/core/math";
import { EarlierRows } from "../near/earlier-rows.ts";
import { bands } from "../near/minhash.ts";
import { bandKeys, latestGrams } from "../near/near-duplicates.ts";
import { NumberList } from "../near/number-list.ts";
import { minInformation, RemainderIndex, remainderKeys } from "../near/one-word.ts";
import { latestSets, roundOf, SetKeys } from "../near/word-sets.ts";
import { type DataSetFacts, joined, type NumberedRows, partOf, wordsAmong } from "./numbered-rows.ts";

/** Minimum Jaccard index of word sets: the default of `findNearPairs`. */
export const wordsAlike = 0.8;
/** Minimum Jaccard index of word 5-gram sets. */
export const gramsAlike = 0.7;

/** Three columns of equal length. */
export interface Columns {
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
}

/** A table to which rows are appended. */
class Table {
  readonly #columns: readonly [NumberList, NumberList, NumberList] = [
    new NumberList(),
    new NumberList(),
    new NumberList(),
  ];

  add(a: number, b: number, c: number): void {
    const [one, two, three] = this.#columns;
    one.push(a);
    two.push(b);
    three.push(c);
  }

  columns(): Columns {
    const [a, b, c] = this.#columns;
    return { a: a.view().slice(), b: b.view().slice(), c: c.view().slice() };
  }
}

/** Keys of the three similarity stages, in ascending order of rows. */
export interface Keys {
  /** Keys of texts with one word left out: low hash, high hash, row. */
  readonly remainders: Columns;
  /** Keys of word sets: low hash, high hash, row. */
  readonly sets: Columns;
  /** For each entry of `sets`: the index of this key among the keys of its row. */
  readonly setNumbers: Uint32Array;
  /** Keys of LSH bands: hash, band, row. */
  readonly bands: Columns;
}

/** Candidate pairs, in the order in which they were found. */
export interface Meetings {
  /** Row, earlier row, number of rows with the same remainder. */
  readonly remainders: Columns;
  /** Row, earlier row, combined number of round and key. */
  readonly sets: Columns;
  /** Row, earlier row, band. */
  readonly bands: Columns;
}

/** Max set keys per row: a combined number is `round * maxKeys + key`. */
const maxKeys = 1 << 16;

/** The keys for each machine, and the total number of set keys. */
export interface RoutedKeys {
  readonly keys: readonly Keys[];
  readonly setCount: number;
}

/** Computes the keys of rows and assigns each key to a machine. */
export function routeKeys(rows: NumberedRows, facts: DataSetFacts, machines: number): RoutedKeys {
  const words = wordsAmong(rows, facts);
  const routes = Array.from({ length: machines }, () => ({
    remainders: new Table(),
    sets: new Table(),
    bands: new Table(),
    setNumbers: new NumberList(),
  }));
  const routeOf = (key: number): (typeof routes)[number] =>
    routes[(mix32(key + 0x9e3779b9) >>> 0) % machines] as (typeof routes)[number];
  const least = minInformation(words.count);
  const setKeys = new SetKeys(words, wordsAlike);
  const all = Uint32Array.from(rows.rows.keys());
  const signatures = bandKeys(words, all);
  let setCount = 0;
  for (const at of all) {
    const row = rows.rows[at] as number;
    remainderKeys(words, at, least, (low, high) => routeOf(high).remainders.add(low, high, row));
    let number = 0;
    setKeys.each(at, (low, high) => {
      const route = routeOf(high);
      route.sets.add(low, high, row);
      route.setNumbers.push(number++);
      setCount++;
    });
    for (let band = 0; band < bands; band++) {
      const key = signatures[band * all.length + at] as number;
      if (key !== 0) routeOf(key ^ band).bands.add(key, band, row);
    }
  }
  const keys = routes.map(({ remainders, sets, bands: own, setNumbers }) => ({
    remainders: remainders.columns(),
    sets: sets.columns(),
    bands: own.columns(),
    setNumbers: setNumbers.view().slice(),
  }));
  return { keys, setCount };
}

/** What `meet` needs to know about the rows. */
export interface MeetingNeeds {
  readonly facts: DataSetFacts;
  /** Number of rounds in which set keys are processed. */
  readonly rounds: number;
  /** The block that contains a row. */
  readonly blockOf: (row: number) => number;
  readonly blocks: number;
}

/**
 * Finds rows with a common key among the keys of one machine, grouped by the block of the later row.
 *
 * @param keys in the order of blocks
 */
export function meet(keys: readonly Keys[], needs: MeetingNeeds): Meetings[] {
  const of = Array.from({ length: needs.blocks }, () => ({
    remainders: new Table(),
    sets: new Table(),
    bands: new Table(),
  }));
  const tableOf = (row: number, stage: keyof Meetings): Table =>
    (of[needs.blockOf(row)] as (typeof of)[number])[stage];
  meetRemainders(joinColumns(keys.map(({ remainders }) => remainders)), needs, (row, other, inSlot) =>
    tableOf(row, "remainders").add(row, other, inSlot),
  );
  meetSets(keys, needs, (row, other, order) => tableOf(row, "sets").add(row, other, order));
  meetBands(joinColumns(keys.map((one) => one.bands)), (row, other, band) =>
    tableOf(row, "bands").add(row, other, band),
  );
  return of.map((tables) => ({
    remainders: tables.remainders.columns(),
    sets: tables.sets.columns(),
    bands: tables.bands.columns(),
  }));
}

type Met = (row: number, other: number, told: number) => void;

function meetRemainders({ a: low, b: high, c: rows }: Columns, { facts }: MeetingNeeds, met: Met): void {
  const index = new RemainderIndex(rows.length);
  for (const [at, row] of rows.entries())
    index.add((low[at] as number) | 0, (high[at] as number) | 0, partOf(facts, row), row);
  for (const [at, row] of rows.entries()) {
    for (let part = 0; part <= partOf(facts, row); part++) {
      const { other, inSlot } = index.find((low[at] as number) | 0, (high[at] as number) | 0, part);
      if (other !== -1 && other < row) met(row, other, inSlot);
    }
  }
}

function meetSets(keys: readonly Keys[], { rounds }: MeetingNeeds, met: Met): void {
  const { a: low, b: high, c: rows } = joinColumns(keys.map(({ sets }) => sets));
  const numbers = joined(
    Uint32Array,
    keys.map(({ setNumbers }) => setNumbers),
  );
  const earlier = new EarlierRows(rows.length, latestSets);
  for (const [at, row] of rows.entries()) {
    const order = roundOf((high[at] as number) | 0, rounds) * maxKeys + (numbers[at] as number);
    earlier.meet((low[at] as number) | 0, (high[at] as number) | 0, row, (other) => met(row, other, order));
  }
}

/** Matches keys only within the same band. */
function meetBands({ a: keys, b: band, c: rows }: Columns, met: Met): void {
  const order = Uint32Array.from(rows.keys()).sort(
    (one, two) => (band[one] as number) - (band[two] as number) || one - two,
  );
  const earlier = new EarlierRows(rows.length, latestGrams);
  let last = -1;
  for (const at of order) {
    const [key, row, own] = [keys[at] as number, rows[at] as number, band[at] as number];
    if (own !== last) earlier.clear();
    last = own;
    earlier.meet(mix32(key), key, row, (other) => met(row, other, own));
  }
}

/** Concatenates tables. */
export function joinColumns(all: readonly Columns[]): Columns {
  return {
    a: joined(
      Uint32Array,
      all.map(({ a }) => a),
    ),
    b: joined(
      Uint32Array,
      all.map(({ b }) => b),
    ),
    c: joined(
      Uint32Array,
      all.map(({ c }) => c),
    ),
  };
}
