/** @file Some rows of a data set as word numbers: what the machines of a cluster send to each other. */
import type { Sides } from "../near/sides.ts";
import { sidesOf } from "../near/sides.ts";
import { sortWithin, type WordStatistics, type Words } from "../near/words.ts";

/** Rows in ascending order. */
export interface NumberedRows {
  /** Numbers in the whole data set: training, validation, test, each in its own order. */
  readonly rows: Uint32Array;
  /** The words of row i lie from `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Uint32Array;
  readonly ids: Uint32Array;
  /** A number for each answer, equal for equal answers. */
  readonly answers: Int32Array;
}

/** What is known of the whole data set. */
export interface DataSetFacts {
  readonly statistics: WordStatistics;
  /** The first row of each part, and the number of rows. */
  readonly starts: readonly number[];
  readonly areLabels: boolean;
}

/** The part of a row, 0 for training. */
export function partOf({ starts }: Pick<DataSetFacts, "starts">, row: number): number {
  let part = 0;
  while (part + 2 < starts.length && row >= (starts[part + 1] as number)) part++;
  return part;
}

/** Rows as the stages need them, numbered from 0. */
export function wordsAmong({ ids, offsets }: NumberedRows, { statistics }: DataSetFacts): Words {
  return { ids, offsets, sorted: sortWithin(ids, offsets), ...statistics };
}

/** Their parts and answers. */
export function sidesAmong(
  { rows, answers }: Pick<NumberedRows, "rows" | "answers">,
  facts: DataSetFacts,
): Sides {
  const part = Uint8Array.from(rows, (row) => partOf(facts, row));
  return sidesOf(rows.length, part, answers, facts.areLabels);
}

/** Where a row is among others, or -1. */
export function indexOfRow(rows: Uint32Array, row: number): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((rows[middle] as number) < row) from = middle + 1;
    else to = middle;
  }
  return rows[from] === row ? from : -1;
}

/** Some of the rows, by where they are. */
export function pickRows(all: NumberedRows, at: ArrayLike<number>): NumberedRows {
  const offsets = new Uint32Array(at.length + 1);
  for (let one = 0; one < at.length; one++) {
    const from = at[one] as number;
    const length = (all.offsets[from + 1] as number) - (all.offsets[from] as number);
    offsets[one + 1] = (offsets[one] as number) + length;
  }
  const ids = new Uint32Array(offsets[at.length] as number);
  for (let one = 0; one < at.length; one++) {
    const from = at[one] as number;
    ids.set(all.ids.subarray(all.offsets[from] as number, all.offsets[from + 1] as number), offsets[one]);
  }
  return {
    rows: Uint32Array.from(at, (from) => all.rows[from] as number),
    answers: Int32Array.from(at, (from) => all.answers[from] as number),
    ...{ offsets, ids },
  };
}

/** Rows of several machines, one after the other. */
export function joinRows(all: readonly NumberedRows[]): NumberedRows {
  const rows = joined(
    Uint32Array,
    all.map((one) => one.rows),
  );
  const offsets = new Uint32Array(rows.length + 1);
  let [at, words] = [0, 0];
  for (const one of all) {
    for (let row = 1; row < one.offsets.length; row++) offsets[++at] = words + (one.offsets[row] as number);
    words += one.ids.length;
  }
  const ids = joined(
    Uint32Array,
    all.map((one) => one.ids),
  );
  const answers = joined(
    Int32Array,
    all.map((one) => one.answers),
  );
  return { rows, offsets, ids, answers };
}

type Numbers = Uint32Array | Int32Array | Uint8Array | Float32Array;

/** Arrays one after the other. */
export function joined<Kind extends Numbers>(kind: new (length: number) => Kind, all: readonly Kind[]): Kind {
  const whole = new kind(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of all) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}
