/** @file The gap between trained and held-out rows: by hand, and nothing where both gained alike. */
import { expect, test } from "vitest";
import { compareByHeart } from "./by-heart.ts";
import type { RowLoss } from "./metrics.ts";

const losses = (...nll: number[]): RowLoss[] => nll.map((one) => ({ nll: one * 10, labelledTokens: 10 }));

test("the gap is what training rows gained more", () => {
  const gap = compareByHeart(
    { base: losses(3, 3.2, 2.8, 3), tuned: losses(1, 1.1, 0.9, 1) },
    { base: losses(3.5, 3.4, 3.6), tuned: losses(3, 2.9, 3.1) },
    { seed: 1 },
  );
  expect(gap.train).toEqual({ rows: 4, base: 3, tuned: 1 });
  expect(gap.gap).toBeCloseTo(1.5, 10);
  expect(gap.interval?.low).toBeGreaterThan(1.2);
  expect(gap.interval?.high).toBeLessThan(1.8);
});

test("rows that are easier by themselves make no gap", () => {
  const gap = compareByHeart(
    { base: losses(1, 1.2, 0.8), tuned: losses(0.5, 0.7, 0.3) },
    { base: losses(4, 4.4, 3.6), tuned: losses(3.5, 3.9, 3.1) },
    { seed: 1 },
  );
  expect(gap.gap).toBeCloseTo(0, 10);
});

test("one row has no interval", () => {
  const pair = { base: losses(1), tuned: losses(0.5) };
  expect(compareByHeart(pair, pair, { seed: 1 })).toMatchObject({ gap: 0, interval: null });
});
