/** @file Compares the two merge loops with each other and with the definition. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeLong, mergeShort, type PairTable, type Symbols } from "./merge.ts";

const stride = 100;

/** Pairs of small ids, learned in the given order, each with a new id from 10 on. */
function tableOf(pairs: readonly (readonly [number, number])[]): PairTable {
  const values = new Map<number, number>();
  for (const [rank, [left, right]] of pairs.entries()) {
    const key = left * stride + right;
    if (!values.has(key)) values.set(key, rank * stride + 10 + rank);
  }
  return { values, stride };
}
const symbolsOf = (ids: readonly number[]): Symbols => ({ ids: [...ids], lengths: ids.map(() => 1) });

/** Byte-pair encoding by its definition: merges the leftmost occurrence of the best pair until none is left. */
function mergeByDefinition(ids: readonly number[], { values }: PairTable): number[] {
  const word = [...ids];
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < word.length; i++) {
      best = Math.min(best, values.get((word[i] as number) * stride + (word[i + 1] as number)) ?? best);
    }
    if (best === Number.POSITIVE_INFINITY) return word;
    const at = word.findIndex(
      (id, i) => i + 1 < word.length && values.get(id * stride + (word[i + 1] as number)) === best,
    );
    word.splice(at, 2, best % stride);
  }
}

test.each<[readonly number[], readonly (readonly [number, number])[], number[], number[]]>([
  [[], [], [], []],
  [[1], [[1, 1]], [1], [1]],
  [[1, 1, 1], [[1, 1]], [10, 1], [2, 1]],
  [
    [1, 2, 3],
    [
      [2, 3],
      [1, 2],
    ],
    [1, 10],
    [1, 2],
  ],
  [
    [1, 2, 1, 2],
    [
      [1, 2],
      [10, 10],
    ],
    [11],
    [4],
  ],
])("%j with %j", (ids, pairs, expected, lengths) => {
  for (const merge of [mergeShort, mergeLong]) {
    expect(merge(symbolsOf(ids), tableOf(pairs))).toEqual({ ids: expected, lengths });
  }
});

const small = fc.integer({ min: 1, max: 4 });
test("short and long give what the definition gives", () => {
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 60 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })), { maxLength: 30 }),
      (ids, pairs) => {
        const table = tableOf(pairs);
        const expected = mergeByDefinition(ids, table);
        for (const merge of [mergeShort, mergeLong]) {
          const merged = merge(symbolsOf(ids), table);
          expect(merged.ids).toEqual(expected);
          expect(merged.lengths.reduce((a, b) => a + b, 0)).toBe(ids.length);
        }
      },
    ),
  );
});
