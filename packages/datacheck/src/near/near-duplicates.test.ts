/** @file MinHash and the word-set join, checked against all pairs computed by other means. */

import { randomStream } from "@tunewise/core/math";
import { expect, test } from "vitest";
import { findNearDuplicates } from "./near-duplicates.ts";
import { findWordSets } from "./word-sets.ts";
import { wordsOf } from "./words.ts";

/** Rows of 5 to 20 words. A third are modified copies of earlier rows: words inserted, removed or cut off. */
function plantedRows(count: number, seed: number): string[] {
  const random = randomStream(seed);
  const word = (): string => `w${Math.floor(20_000 ** (random.below(2 ** 30) / 2 ** 30))}`;
  const rows: string[][] = [];
  while (rows.length < count) {
    const copied = rows[random.below(Math.max(1, rows.length))];
    if (copied === undefined || random.below(3) > 0) {
      rows.push(Array.from({ length: 5 + random.below(16) }, word));
      continue;
    }
    const changed = [...copied];
    for (let edits = random.below(4); edits >= 0; edits--) {
      const at = random.below(changed.length);
      const kind = random.below(3);
      if (kind === 0) changed.splice(at, 1, word());
      else if (kind === 1) changed.splice(random.below(2) * changed.length, 0, word());
      else if (changed.length > 5) changed.pop();
    }
    rows.push(changed);
  }
  return rows.map((words) => words.join(" "));
}

/** All pairs of sets with at least this Jaccard index, from inverted lists. */
function truePairs(sets: readonly ReadonlySet<string>[], threshold: number): Set<string> {
  const having = new Map<string, number[]>();
  const found = new Set<string>();
  for (const [row, set] of sets.entries()) {
    const shared = new Map<number, number>();
    for (const one of set) {
      const others = having.get(one) ?? [];
      for (const other of others) shared.set(other, (shared.get(other) ?? 0) + 1);
      others.push(row);
      having.set(one, others);
    }
    for (const [other, common] of shared) {
      const all = set.size + (sets[other] as ReadonlySet<string>).size - common;
      if (common >= threshold * all - 1e-9) found.add(`${row} ${other}`);
    }
  }
  return found;
}

test("of 20,000 rows, 97 % or more of all pairs of 0.7 in runs of five words, and no other pair", () => {
  const texts = plantedRows(20_000, 3);
  const runs = texts.map((text) => {
    const words = text.split(" ");
    return new Set(words.slice(4).map((_, at) => words.slice(at, at + 5).join(" ")));
  });
  const expected = truePairs(runs, 0.7);
  const found = new Set<string>();
  const offer = (row: number, other: number): void => {
    found.add(`${row} ${other}`);
  };
  findNearDuplicates(wordsOf(texts), Uint32Array.from(texts.keys()), 0.7, { offer });
  expect(expected.size).toBeGreaterThan(1500);
  expect(
    [...found].filter((pair) => !expected.has(pair)),
    "false ones",
  ).toEqual([]);
  const recall = found.size / expected.size;
  expect(recall).toBeGreaterThanOrEqual(0.97);
});

test("every pair of 0.8 in words, and no other", () => {
  const texts = plantedRows(1500, 4);
  const expected = truePairs(
    texts.map((text) => new Set(text.split(" "))),
    0.8,
  );
  const found = new Set<string>();
  const offer = (row: number, other: number): void => {
    found.add(`${row} ${other}`);
  };
  findWordSets(wordsOf(texts), Uint32Array.from(texts.keys()), 0.8, { offer });
  expect(expected.size).toBeGreaterThan(100);
  expect(found).toEqual(expected);
});
