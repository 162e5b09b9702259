/** @file Compares the rows of a block with the earlier rows that share a key, as `findNearPairs` does. */
import { BestPartners } from "../near/best-partners.ts";
import { HeldOutGrams, isLonger } from "../near/contained.ts";
import { bands } from "../near/minhash.ts";
import { bandKeys, GramComparer, maxCompared, metBefore } from "../near/near-duplicates.ts";
import { judgeOneWord } from "../near/one-word.ts";
import { SetComparer } from "../near/word-sets.ts";
import type { Words } from "../near/words.ts";
import { type ContainedPairs, concatPairs, type FoundPairs, foundAmong, pairsOf } from "./found-pairs.ts";
import { type Columns, gramsAlike, joinColumns, type Meetings, wordsAlike } from "./keys.ts";
import {
  type DataSetFacts,
  indexOfRow,
  type NumberedRows,
  partOf,
  sidesAmong,
  wordsAmong,
} from "./numbered-rows.ts";

/** Minimum share of a held-out row's n-grams that one earlier row must contain. */
const containedShare = 0.5;

/**
 * Compares a block's candidate pairs and returns the pairs that are similar enough.
 *
 * @param rows the rows of the block and the rows they are compared with
 * @param meetings candidate pairs from all machines
 */
export function compareMeetings(
  rows: NumberedRows,
  meetings: readonly Meetings[],
  facts: DataSetFacts,
): FoundPairs {
  const words = wordsAmong(rows, facts);
  const sides = sidesAmong(rows, facts);
  const [oneWord, reordered, near] = [
    new BestPartners(sides, words),
    new BestPartners(sides, words),
    new BestPartners(sides, words),
  ];
  const among = (stage: keyof Meetings): Columns => {
    const { a, b, c } = joinColumns(meetings.map((one) => one[stage]));
    const at = (row: number): number => indexOfRow(rows.rows, row);
    return inOrder({ a: a.map(at), b: b.map(at), c });
  };
  const { a, b, c } = among("remainders");
  for (let at = 0; at < a.length; at++) {
    const met = { row: a[at] as number, other: b[at] as number, inSlot: c[at] as number };
    judgeOneWord(words, met, { reordered, oneWord });
  }
  compareSets(words, among("sets"), near);
  compareGrams(words, among("bands"), near);
  const count = rows.rows.length;
  const all = [
    pairsOf(reordered, "reordered", count),
    pairsOf(oneWord, "one-word", count),
    pairsOf(near, "near", count),
  ];
  return concatPairs(all.map((pairs) => foundAmong(rows.rows, pairs)));
}

/** Sorts by row, then by key. Pairs under the same key keep their order. */
function inOrder({ a, b, c }: Columns): Columns {
  const order = Uint32Array.from(a.keys()).sort(
    (one, two) =>
      (a[one] as number) - (a[two] as number) || (c[one] as number) - (c[two] as number) || one - two,
  );
  const sorted = (column: Uint32Array): Uint32Array => order.map((at) => column[at] as number);
  return { a: sorted(a), b: sorted(b), c: sorted(c) };
}

function compareSets(words: Words, { a, b, c }: Columns, near: BestPartners): void {
  const comparer = new SetComparer(words, wordsAlike, near);
  let [row, round] = [-1, -1];
  for (let at = 0; at < a.length; at++) {
    const own = (c[at] as number) >>> 16;
    if (a[at] !== row || own !== round) comparer.begin(a[at] as number);
    [row, round] = [a[at] as number, own];
    comparer.compare(b[at] as number);
  }
}

function compareGrams(words: Words, { a, b, c }: Columns, near: BestPartners): void {
  // most rows share no key, so only rows that do get signatures
  const met = Uint32Array.from(new Set([...a, ...b])).sort();
  const keys = bandKeys(words, met);
  const comparer = new GramComparer(words, gramsAlike, near);
  let [row, compared, one] = [-1, 0, -1];
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== row) {
      [row, compared] = [a[at] as number, 0];
      one = indexOfRow(met, row);
    }
    if (compared === maxCompared) continue;
    const two = indexOfRow(met, b[at] as number);
    if (metBefore(keys, met.length, Math.min(bands, c[at] as number), one, two)) continue;
    compared++;
    comparer.compare(row, b[at] as number);
  }
}

/** Finds held-out rows contained in rows of earlier parts, which are added block by block. */
export class ContainedSearch {
  readonly #facts: DataSetFacts;
  readonly #held: readonly {
    readonly rows: NumberedRows;
    readonly grams: readonly HeldOutGrams[];
    part: number;
  }[];
  readonly #found: Record<keyof ContainedPairs, number[]> = {
    row: [],
    other: [],
    score: [],
    rowAnswer: [],
    otherAnswer: [],
  };

  /** @param held per part, from the second on: its rows, except those that an earlier row of the part represents */
  constructor(held: readonly NumberedRows[], facts: DataSetFacts) {
    this.#facts = facts;
    this.#held = held.flatMap((rows, before) => {
      if (rows.rows.length === 0) return [];
      const words = wordsAmong(rows, facts);
      const all = Uint32Array.from(rows.rows.keys());
      const grams = [8, 13].map((n) => new HeldOutGrams(words, all, n, containedShare));
      return [{ rows, grams, part: before + 1 }];
    });
  }

  /** Searches the rows of a block, all of one part. */
  add(block: NumberedRows): void {
    const [first] = block.rows;
    if (first === undefined) return;
    const words = wordsAmong(block, this.#facts);
    const own = partOf(this.#facts, first);
    for (const { rows, grams, part } of this.#held) {
      if (part <= own) continue;
      for (const held of grams) {
        for (const at of block.rows.keys()) {
          held.find(words, at, (one, share) => {
            if (rows.answers[one] !== block.answers[at] && !isLonger(block, at, rows, one)) return;
            this.#found.row.push(rows.rows[one] as number);
            this.#found.other.push(block.rows[at] as number);
            this.#found.score.push(share);
            this.#found.rowAnswer.push(rows.answers[one] as number);
            this.#found.otherAnswer.push(block.answers[at] as number);
          });
        }
      }
    }
  }

  found(): ContainedPairs {
    const { row, other, score, rowAnswer, otherAnswer } = this.#found;
    return {
      row: Uint32Array.from(row),
      other: Uint32Array.from(other),
      score: Float64Array.from(score),
      rowAnswer: Int32Array.from(rowAnswer),
      otherAnswer: Int32Array.from(otherAnswer),
    };
  }
}
