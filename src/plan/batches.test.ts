import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layBatches } from "./batches.ts";

const rowsOf = (lengths: readonly number[]) =>
  lengths.map((tokens) => ({ tokens, labelledTokens: 1, promptTokens: tokens - 1 }));

test("rows of like length together", () => {
  const batches = layBatches(rowsOf([10, 100, 20, 90, 15]), { batchSize: 2, batching: "length" }, 512, 0);
  expect(batches).toMatchObject({ count: 3, linearTokens: 235, labelledTokens: 5 });
  expect(batches.attentionCells).toBe(2 * 100 ** 2 + 2 * 20 ** 2 + 10 ** 2);
  expect(batches.worst).toEqual({ rows: 2, tokens: 190, longest: 100 });
});

test("shuffled rows: the expected grid equals the mean over all pairs", () => {
  const lengths = [3, 5, 8, 13];
  let cells = 0;
  for (const a of lengths) for (const b of lengths) cells += (2 * Math.max(a, b) ** 2) / 16;
  const batches = layBatches(rowsOf(lengths), { batchSize: 2, batching: "shuffle" }, 512, 0);
  expect(batches.attentionCells).toBeCloseTo(2 * cells, 10);
});

test("longer rows are cut, a shared beginning counts once per batch", () => {
  const settings = { batchSize: 2, batching: "shuffle" } as const;
  expect(layBatches(rowsOf([600, 50]), settings, 512, 0).linearTokens).toBe(562);
  expect(layBatches(rowsOf([60, 50, 40, 30]), settings, 512, 20).linearTokens).toBe(180 - 2 * 20);
  expect(layBatches(rowsOf([60, 50, 40, 30]), { ...settings, batchSize: 1 }, 512, 20).linearTokens).toBe(180);
  expect(layBatches(rowsOf([60, 10]), settings, 512, 20).linearTokens).toBe(70 - 10); // no longer than a row
});

describe("packs", () => {
  const pack = (lengths: number[], maxLength: number) =>
    layBatches(rowsOf(lengths), { batchSize: 1, batching: "pack" }, maxLength, 0);
  test.each([
    [[60, 40, 30, 70], 100, 2],
    [[50, 50, 50], 100, 2],
    [[100, 100, 1], 100, 3],
    [[51, 51, 51], 100, 3],
    [[20], 100, 1],
    [[], 100, 0],
  ])("%j into %i: %i", (lengths, size, count) => {
    expect(pack(lengths, size).count).toBe(count);
  });
  test("no pack is over its size, and the number is between the sum and twice the sum", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 200 }), (lengths) => {
        const { count, worst } = pack(lengths, 64);
        const filled = lengths.reduce((a, b) => a + b, 0) / 64;
        expect(count).toBeGreaterThanOrEqual(Math.ceil(filled));
        expect(count).toBeLessThanOrEqual(Math.ceil(2 * filled));
        expect(worst.longest).toBeLessThanOrEqual(64);
      }),
      { seed: 7 },
    );
  });
});

test("a hundred thousand rows are laid out quickly, whatever the size of a pack", () => {
  const rows = rowsOf(Array.from({ length: 100_000 }, (_, i) => 1 + ((i * 7919) % 400)));
  for (const batching of ["shuffle", "length", "pack"] as const) {
    expect(layBatches(rows, { batchSize: 8, batching }, 1e9, 0).count).toBeGreaterThan(0);
  }
});

test("no rows, no batches", () => {
  for (const batching of ["shuffle", "length", "pack"] as const) {
    expect(layBatches([], { batchSize: 4, batching }, 512, 10)).toEqual({
      count: 0,
      linearTokens: 0,
      labelledTokens: 0,
      attentionCells: 0,
      usefulCells: 0,
      worst: { rows: 0, tokens: 0, longest: 0 },
    });
  }
});
