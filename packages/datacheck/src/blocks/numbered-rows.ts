/** @file Rows of a data set as word numbers, the form in which machines of a cluster exchange them. */
import type { Sides } from "../near/sides.ts";
import { sidesOf } from "../near/sides.ts";
import { sortWithin, type WordStatistics, type Words } from "../near/words.ts";

/** Rows in ascending order. */
export interface NumberedRows {
  /** Row numbers in the whole data set: training, validation, test, each in its own order. */
  readonly rows: Uint32Array;
  /** The words of row i are `ids[offsets[i]]` to `ids[offsets[i + 1] - 1]`. */
  readonly offsets: Uint32Array;
  readonly ids: Uint32Array;
  /** One number per row; equal answers have equal numbers. */
  readonly answers: Int32Array;
}

/** Facts about the whole data set. */
export interface DataSetFacts {
  readonly statistics: WordStatistics;
  /** The first row of each part, then the number of rows. */
  readonly starts: readonly number[];
  readonly areLabels: boolean;
}

/** The part of a row, 0 for training. */
export function partOf({ starts }: Pick<DataSetFacts, "starts">, row: number): number {
  let part = 0;
  while (part + 2 < starts.length && row >= (starts[part + 1] as number)) part++;
  return part;
}

/** Converts rows to the input of the stages, numbered from 0. */
export function wordsAmong({ ids, offsets }: NumberedRows, { statistics }: DataSetFacts): Words {
  return { ids, offsets, sorted: sortWithin(ids, offsets), ...statistics };
}

/** The parts and answers of the rows. */
export function sidesAmong(
  { rows, answers }: Pick<NumberedRows, "rows" | "answers">,
  facts: DataSetFacts,
): Sides {
  const part = Uint8Array.from(rows, (row) => partOf(facts, row));
  return sidesOf(rows.length, part, answers, facts.areLabels);
}

/** The index of a row in an ascending list, or -1. */
export function indexOfRow(rows: Uint32Array, row: number): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((rows[middle] as number) < row) from = middle + 1;
    else to = middle;
  }
  return rows[from] === row ? from : -1;
}

/** The rows at the given indexes. */
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
    offsets,
    ids,
  };
}

/** Concatenates the rows of several machines. */
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

/** Concatenates arrays. */
export function joined<Kind extends Numbers>(kind: new (length: number) => Kind, all: readonly Kind[]): Kind {
  const whole = new kind(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of all) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}
