import { expect, test } from "vitest";
import { pageTokens } from "../jit/operator-kinds.ts";
import type { Architecture } from "../models/architecture.ts";
import type { CacheType } from "../models/layout.ts";
import { KeyValueCache } from "./cache.ts";

const shape = { layers: 2, kvHeads: 2, headWidth: 2 } as Architecture;

/** Key of a token, `[1, K*E]`, unique by row, place and element; its value is the negated key. */
const token = (row: number, place: number): Float32Array =>
  Float32Array.from([0, 1, 2, 3], (at) => 10_000 * (row + 1) + 10 * place + at);

/** A cache whose slots hold rows of these lengths, stored token by token as decoding does. */
function filled(lengths: readonly number[], room = 1, type: CacheType = "float32"): KeyValueCache {
  const cache = new KeyValueCache(shape, type, lengths.length, room);
  for (let place = 0; place < Math.max(...lengths); place++) {
    cache.reserve(place + 1);
    for (const [row, length] of lengths.entries()) {
      if (place >= length) continue;
      const key = token(row, place);
      const value = key.map((x) => -x);
      for (const layer of [0, 1]) cache.store(layer, key, value, [[row, place, 0]]);
      cache.lengths[row] = place + 1;
    }
  }
  return cache;
}

/** The keys of a slot in the pages that programs read: `[K*E]` per place. */
function keysOf(cache: KeyValueCache, slot: number): number[][] {
  const { "cache.key": key } = cache.feeds(1, cache.pages());
  return Array.from({ length: cache.lengths[slot] ?? 0 }, (_, place) => {
    const page = Math.floor(place / pageTokens);
    return [0, 1].flatMap((head) => {
      const start = (((page * cache.slots + slot) * 2 + head) * pageTokens + (place % pageTokens)) * 2;
      return Array.from((key as Float32Array).subarray(start, start + 2));
    });
  });
}

const expected = (row: number, length: number): number[][] =>
  Array.from({ length }, (_, place) => [...token(row, place)]);

test("a row that grows page by page is what it would have been with that room from the start", () => {
  const lengths = [2 * pageTokens + 3, 5, pageTokens];
  const [grown, whole] = [filled(lengths), filled(lengths, 200)];
  expect(grown.pages()).toBe(3);
  for (const layer of [0, 1]) expect(grown.feeds(layer, 3)).toEqual(whole.feeds(layer, 3));
  for (const [row, length] of lengths.entries()) expect(keysOf(grown, row)).toEqual(expected(row, length));
});

test("programs read the pages of the longest row, and one of an empty cache", () => {
  const cache = filled([pageTokens + 1, 2]);
  const floats = (): number => (cache.feeds(0, cache.pages())["cache.key"] as Float32Array).length;
  expect(floats()).toBe(2 * 2 * 2 * pageTokens * 2);
  cache.lengths[0] = 0;
  expect(floats()).toBe(2 * 2 * pageTokens * 2);
  cache.lengths[1] = 0;
  expect(floats()).toBe(2 * 2 * pageTokens * 2);
});

test("memory that is no longer needed is given back, and what is held stays", () => {
  const cache = filled([10 * pageTokens]);
  cache.lengths[0] = 7;
  cache.reserve(8);
  expect((cache.feeds(0, cache.pages())["cache.key"] as Float32Array).buffer.byteLength).toBe(
    2 * pageTokens * 2 * 4,
  );
  expect(keysOf(cache, 0)).toEqual(expected(0, 7));
});

test("picked slots hold the rows they held", () => {
  const picked = filled([3, pageTokens + 2, 2]).pick([2, 1]);
  expect([...picked.lengths]).toEqual([2, pageTokens + 2]);
  expect(keysOf(picked, 0)).toEqual(expected(2, 2));
  expect(keysOf(picked, 1)).toEqual(expected(1, pageTokens + 2));
});

test("a copied row replaces a longer one", () => {
  const cache = filled([2 * pageTokens, 4]);
  cache.copyRow(0, filled([1, pageTokens + 1]), 1);
  expect(keysOf(cache, 0)).toEqual(expected(1, pageTokens + 1));
  expect(keysOf(cache, 1)).toEqual(expected(1, 4));
});

test("in bfloat16 numbers are rounded to the nearest, and what is no number stays none", () => {
  const cache = new KeyValueCache(shape, "bfloat16", 1, 1);
  const key = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, Number.NaN, Number.NEGATIVE_INFINITY);
  cache.store(0, key, key, [[0, 0, 0]]);
  const { "cache.key": stored } = cache.feeds(0, 1);
  const bits = [0, 1, 2 * pageTokens, 2 * pageTokens + 1].map((at) => (stored as Uint16Array)[at]);
  // ties go to even: 1, 1 + 2^-6
  expect(bits).toEqual([0x3f80, 0x3f82, 0x7fc0, 0xff80]);
});
