/** @file Tests the sign-flip test: exact shares computed by hand, ties, and sampling if there are too many signs. */
import { describe, expect, test } from "vitest";
import { exactMcNemar } from "./proportion.ts";
import { signFlipTest } from "./sign-flip.ts";

const settings = { seed: 3, draws: 2000 };
const ones = (count: number): number[] => new Array<number>(count).fill(1);

describe("up to 14 units, all signs are tried", () => {
  // `far` of the 2^n sums are at least as far from 0 as the observed sum
  test.each([
    { differences: [1, 1, 1, 1, 1, 1], far: 2, of: 64 },
    { differences: [1, 1, 1, 1, 1, -1], far: 14, of: 64 }, // |sum| of 4 or 6: 2 (1 + 6)
    { differences: [1, 2, 4], far: 2, of: 8 },
    { differences: [1, 2, -4], far: 8, of: 8 },
    { differences: [-1, 2, 4], far: 4, of: 8 }, // sums of 5 and 7, and their negatives
    { differences: [3, -1, -1], far: 8, of: 8 },
    { differences: [0.5], far: 2, of: 2 },
    { differences: ones(14), far: 2, of: 2 ** 14 },
  ])("$differences: $far of $of", ({ differences, far, of }) => {
    expect(signFlipTest(differences, null, { seed: 1, draws: 1 })).toBe(far / of);
    const turned = differences.map((one) => -one);
    expect(signFlipTest(turned, null, { seed: 1, draws: 1 })).toBe(far / of);
  });

  test("rows that differ by nothing are no evidence, and not counted among the 14", () => {
    expect(signFlipTest([0, 0], null, settings)).toBe(1);
    expect(signFlipTest([], null, settings)).toBe(1);
    const many = [...ones(7), ...new Array<number>(100).fill(0), ...ones(7)];
    expect(signFlipTest(many, null, { seed: 1, draws: 1 })).toBe(2 / 2 ** 14);
  });

  test("a group flips as one", () => {
    expect(signFlipTest([1, 1, 1, 1], ["a", "a", "b", "b"], settings)).toBe(0.5);
    expect(signFlipTest([1, -1, 1, 1], ["a", "a", "b", "b"], settings)).toBe(1); // group a sums to 0
  });

  test("sums that are equal but for rounding are ties", () => {
    // rounding puts +0.1 +0.2 -0.3 +0.05 just above -0.1 -0.2 +0.3 +0.05; no sum is closer to 0 than 0.05
    expect(0.1 + 0.2 - 0.3 + 0.05).toBeGreaterThan(-0.1 - 0.2 + 0.3 + 0.05);
    expect(signFlipTest([0.1, 0.2, -0.3, 0.05], null, settings)).toBe(1);
  });
});

describe("beyond 14 units, signs are drawn", () => {
  test("never a p value of 0: the sum seen counts as one of the draws", () => {
    expect(signFlipTest(ones(40), null, { seed: 2, draws: 9 })).toBe(1 / 10);
    expect(signFlipTest(ones(40), null, { seed: 2, draws: 999 })).toBe(1 / 1000);
  });

  test("a sum of 0 is reached by every draw", () => {
    const even = [...ones(10), ...ones(10).map((one) => -one)];
    expect(signFlipTest(even, null, { seed: 2, draws: 50 })).toBe(1);
  });

  test("flips of one size are McNemar's binomial", () => {
    const flips = [...ones(25), ...ones(8).map((one) => -one)];
    expect(signFlipTest(flips, null, { seed: 1, draws: 20_000 })).toBeCloseTo(exactMcNemar(8, 25), 2);
    const close = [...ones(9), ...ones(6).map((one) => -one)];
    const p = signFlipTest(close, null, { seed: 1, draws: 20_000 });
    expect(Math.abs(p - exactMcNemar(6, 9))).toBeLessThan(0.015);
  });

  test("the same seed draws the same signs, another one others", () => {
    const differences = Array.from({ length: 30 }, (_, at) => Math.sin(at * 7) + 0.2);
    const p = (seed: number) => signFlipTest(differences, null, { seed, draws: 400 });
    expect(p(1)).toBe(p(1));
    expect(new Set([1, 2, 3, 4].map(p)).size).toBeGreaterThan(1);
  });
});
