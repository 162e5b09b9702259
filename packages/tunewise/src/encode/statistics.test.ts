/** @file Tests length statistics against values computed by hand and against slow reference implementations. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measureLengths, measurePadding } from "./statistics.ts";

describe("measureLengths", () => {
  test("no rows", () => {
    expect(measureLengths([])).toEqual({
      count: 0,
      total: 0,
      min: 0,
      mean: 0,
      p50: 0,
      p90: 0,
      p99: 0,
      max: 0,
      histogram: [],
    });
  });

  test("one to a hundred", () => {
    const lengths = Array.from({ length: 100 }, (_, i) => 100 - i);
    const measured = measureLengths(lengths);
    expect(measured).toMatchObject({
      count: 100,
      total: 5050,
      min: 1,
      mean: 50.5,
      p50: 50,
      p90: 90,
      p99: 99,
      max: 100,
    });
    expect(measured.histogram.slice(0, 2)).toEqual([
      { from: 0, to: 5, count: 4 },
      { from: 5, to: 10, count: 5 },
    ]);
  });

  test("bins cover all rows, in at most 24 of them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1 }), (lengths) => {
        const { histogram, min, max } = measureLengths(lengths);
        expect(histogram.length).toBeLessThanOrEqual(24);
        expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(lengths.length);
        expect(histogram[0]?.from).toBeLessThanOrEqual(min);
        expect(histogram.at(-1)?.to).toBeGreaterThan(max);
        for (const { from, to, count } of histogram) {
          expect(lengths.filter((length) => length >= from && length < to)).toHaveLength(count);
        }
      }),
    );
  });
});

describe("measurePadding", () => {
  test("by hand", () => {
    const { length, pack, shuffle } = measurePadding([10, 2, 8, 4], { batchSize: 2, maxLength: 12, seed: 1 });
    expect(length).toEqual({ batches: 2, positions: 28, paddingShare: 1 - 24 / 28 });
    expect(pack).toEqual({ batches: 2, positions: 24, paddingShare: 0 });
    expect(shuffle.batches).toBe(2);
    expect(shuffle.positions).toBeGreaterThanOrEqual(length.positions);
  });

  test("one row at a time needs no padding", () => {
    const { shuffle, length } = measurePadding([3, 9, 5], { batchSize: 1, maxLength: 9, seed: 1 });
    expect([shuffle.paddingShare, length.paddingShare]).toEqual([0, 0]);
  });

  test("no rows", () => {
    const none = { batches: 0, positions: 0, paddingShare: 0 };
    expect(measurePadding([], { batchSize: 4, maxLength: 8, seed: 1 })).toEqual({
      shuffle: none,
      length: none,
      pack: none,
    });
  });

  test("packing equals a plain best-fit search", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.array(fc.nat(69)), (maxLength, raw) => {
        const lengths = raw.map((length) => 1 + (length % maxLength));
        const free: number[] = [];
        for (const length of [...lengths].sort((a, b) => b - a)) {
          const fits = free.filter((space) => space >= length);
          const best = fits.length === 0 ? -1 : free.indexOf(Math.min(...fits));
          if (best < 0) free.push(maxLength - length);
          else free[best] = (free[best] as number) - length;
        }
        expect(measurePadding(lengths, { batchSize: 1, maxLength, seed: 1 }).pack.batches).toBe(free.length);
      }),
    );
  });
});
