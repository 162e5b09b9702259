import { expect, test } from "vitest";
import type { Architecture } from "../models/architecture.ts";
import { KeyValueCache } from "./cache.ts";

const shape = { layers: 2, kvHeads: 2, headWidth: 2 } as Architecture;

/** Key and value of a token, `[1, K*E]`, told apart by everything that matters. */
const token = (row: number, place: number): Float32Array =>
  Float32Array.from([0, 1, 2, 3], (at) => 1000 + 100 * row + 10 * place + at);

function filled(rows: number, capacity: number, stored: number): KeyValueCache {
  const cache = new KeyValueCache(shape, rows, capacity);
  for (let row = 0; row < rows; row++) {
    for (let place = 0; place < stored; place++) {
      for (let layer = 0; layer < shape.layers; layer++) {
        cache.store(layer, row, place, 0, token(row, place), token(row, place));
      }
    }
    cache.lengths[row] = stored;
  }
  return cache;
}

test("resized, it is what it would have been with that room from the start", () => {
  for (const [before, after] of [
    [3, 8],
    [8, 3],
    [3, 3],
  ] as const) {
    const cache = filled(2, before, 3);
    cache.resize(after);
    expect(cache.capacity).toBe(after);
    for (const layer of [0, 1]) expect(cache.feeds(layer)).toEqual(filled(2, after, 3).feeds(layer));
  }
});

test("what is beyond a shortened length goes", () => {
  const cache = filled(1, 4, 4);
  cache.lengths[0] = 1;
  cache.resize(2);
  const { "cache.key": key } = cache.feeds(0);
  expect([...(key as Float32Array)]).toEqual([1000, 1001, 0, 0, 1002, 1003, 0, 0]);
});

test("what it holds must fit", () => {
  expect(() => filled(1, 4, 3).resize(2)).toThrow("Internal: a cache of 2 tokens is too small");
});

test("the last row takes a dropped one's place", () => {
  const cache = filled(3, 2, 2);
  cache.remove(0);
  expect(cache.lengths).toHaveLength(2);
  const { "cache.value": value } = cache.feeds(1);
  expect([...(value as Float32Array)].slice(0, 4)).toEqual([1200, 1201, 1210, 1211]);
  expect([...(value as Float32Array)].slice(8, 12)).toEqual([1100, 1101, 1110, 1111]);
});
