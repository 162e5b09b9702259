/** @file Tests the gap between training and held-out rows: hand-computed, and zero for equal gains. */

import type { RowLoss } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { compareMemorization } from "./memorization.ts";

const losses = (...nll: number[]): RowLoss[] => nll.map((one) => ({ nll: one * 10, labelledTokens: 10 }));

test("the gap is what training rows gained more", () => {
  const gap = compareMemorization(
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
  const gap = compareMemorization(
    { base: losses(1, 1.2, 0.8), tuned: losses(0.5, 0.7, 0.3) },
    { base: losses(4, 4.4, 3.6), tuned: losses(3.5, 3.9, 3.1) },
    { seed: 1 },
  );
  expect(gap.gap).toBeCloseTo(0, 10);
});

test("one row has no interval", () => {
  const pair = { base: losses(1), tuned: losses(0.5) };
  expect(compareMemorization(pair, pair, { seed: 1 })).toMatchObject({ gap: 0, interval: null });
});

// with two rows per group, the 2.5 % and 97.5 % quantiles are single rows: the bounds are the min. gain of one group
// minus the max. gain of the other, and the reverse
test("both groups are drawn, and tokens weigh", () => {
  const row = (nll: number, labelledTokens: number): RowLoss => ({ nll, labelledTokens });
  const gap = compareMemorization(
    { base: [row(30, 10), row(90, 30)], tuned: [row(10, 10), row(60, 30)] }, // gains 2 and 1, overall 1.25
    { base: [row(20, 10), row(20, 10)], tuned: [row(15, 10), row(19, 10)] }, // gains 0.5 and 0.1
    { seed: 1 },
  );
  expect(gap.train).toEqual({ rows: 2, base: 3, tuned: 1.75 });
  expect(gap.heldOut).toEqual({ rows: 2, base: 2, tuned: 1.7 });
  expect(gap.gap).toBeCloseTo(0.95, 12);
  expect(gap.interval?.low).toBeCloseTo(0.5, 12);
  expect(gap.interval?.high).toBeCloseTo(1.9, 12);
});

test("a single row in either group leaves no interval", () => {
  const [one, two] = [
    { base: losses(1), tuned: losses(0.5) },
    { base: losses(1, 2), tuned: losses(0.5, 1) },
  ];
  expect(compareMemorization(one, two, { seed: 1 }).interval).toBeNull();
  expect(compareMemorization(two, one, { seed: 1 }).interval).toBeNull();
  expect(compareMemorization(two, two, { seed: 1 }).interval).not.toBeNull();
});

test("the same seed draws the same rows", () => {
  const pair = { base: losses(1, 2, 4, 3.3), tuned: losses(0.5, 1, 1.2, 3) };
  const at = (seed: number) => compareMemorization(pair, pair, { seed }).interval;
  expect(at(4)).toEqual(at(4));
  expect(at(4)).not.toEqual(at(5));
});
