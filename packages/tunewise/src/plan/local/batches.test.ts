import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planBatches, planLossBatches } from "./batches.ts";
import { packRows } from "./packs.ts";

const rowsOf = (lengths: readonly number[]) =>
  lengths.map((tokens) => ({ tokens, labelledTokens: 1, promptTokens: tokens - 1 }));

test("rows of like length together", () => {
  const batches = planBatches(rowsOf([10, 100, 20, 90, 15]), { batchSize: 2, batching: "length" }, 512, 0);
  expect(batches).toMatchObject({ count: 3, linearTokens: 235, labelledTokens: 5 });
  expect(batches.attentionCells).toBe(2 * 100 ** 2 + 2 * 20 ** 2 + 10 ** 2);
});

test("shuffled rows: the expected grid equals the mean over all pairs", () => {
  const lengths = [3, 5, 8, 13];
  let cells = 0;
  for (const a of lengths) for (const b of lengths) cells += (2 * Math.max(a, b) ** 2) / 16;
  const batches = planBatches(rowsOf(lengths), { batchSize: 2, batching: "shuffle" }, 512, 0);
  expect(batches.attentionCells).toBeCloseTo(2 * cells, 10);
});

test("longer rows are cut, a shared beginning counts once per batch", () => {
  const settings = { batchSize: 2, batching: "shuffle" } as const;
  const tokens = (lengths: number[], prefix: number, batchSize = 2) =>
    planBatches(rowsOf(lengths), { ...settings, batchSize }, 512, prefix).linearTokens;
  expect(tokens([600, 50], 0)).toBe(562);
  expect(tokens([60, 50, 40, 30], 20)).toBe(180 - 2 * 20);
  expect(tokens([60, 50, 40, 30], 20, 1)).toBe(180);
  expect(tokens([60, 10], 20)).toBe(70 - 9); // each row keeps at least one token of its own
  expect(tokens([60, 50], 7)).toBe(110); // the prefix is too short to share
});

test("a shared beginning is looked at by all rows and looks at itself once", () => {
  const batches = planBatches(rowsOf([50, 50]), { batchSize: 2, batching: "length" }, 512, 20);
  expect(batches.attentionCells).toBe(2 * 30 * 50 + 20 * 20);
  expect(batches.linearTokens).toBe(80);
});

describe("by places", () => {
  test("as many rows as fit, like lengths together", () => {
    const batches = planLossBatches(rowsOf([10, 20, 30, 100, 90]), 100, 512, 0);
    expect(batches).toMatchObject({ count: 3, linearTokens: 250 });
    expect(batches.attentionCells).toBe(3 * 30 ** 2 + 90 ** 2 + 100 ** 2);
  });
  test("a row longer than that goes alone, and no rows give no batches", () => {
    expect(planLossBatches(rowsOf([300, 300]), 100, 512, 0).count).toBe(2);
    expect(planLossBatches([], 100, 512, 0)).toMatchObject({ count: 0, linearTokens: 0, attentionCells: 0 });
  });
});

describe("packs", () => {
  const pack = (lengths: number[], maxLength: number) =>
    planBatches(rowsOf(lengths), { batchSize: 1, batching: "pack" }, maxLength, 0);
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
        const { count } = pack(lengths, 64);
        const packs = packRows(
          lengths.toSorted((a, b) => a - b),
          64,
        );
        const filled = lengths.reduce((a, b) => a + b, 0) / 64;
        expect(count).toBeGreaterThanOrEqual(Math.ceil(filled));
        expect(count).toBeLessThanOrEqual(Math.ceil(2 * filled));
        expect(Math.max(...packs.map(({ tokens }) => tokens))).toBeLessThanOrEqual(64);
        expect(Math.max(...packs.map(({ longest }) => longest))).toBe(Math.max(...lengths));
      }),
      { seed: 7 },
    );
  });
});

test("a hundred thousand rows are laid out quickly, whatever the size of a pack", () => {
  const rows = rowsOf(Array.from({ length: 100_000 }, (_, i) => 1 + ((i * 7919) % 400)));
  for (const batching of ["shuffle", "length", "pack"] as const) {
    expect(planBatches(rows, { batchSize: 8, batching }, 1e9, 0).count).toBeGreaterThan(0);
  }
});

test("no rows, no batches", () => {
  for (const batching of ["shuffle", "length", "pack"] as const) {
    expect(planBatches([], { batchSize: 4, batching }, 512, 10)).toEqual({
      count: 0,
      linearTokens: 0,
      labelledTokens: 0,
      attentionCells: 0,
      usefulCells: 0,
    });
  }
});
