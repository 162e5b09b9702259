/** @file Probabilities agree with values computed by hand. */
import { expect, test } from "vitest";
import { believedUpTo, LogFactorials } from "./significance.ts";

const factorials = new LogFactorials(1_000);

test("Fisher's tail: the lady who tasted tea, and counts that must be", () => {
  expect(Math.exp(factorials.fisherTail(8, 4, 4, 4))).toBeCloseTo(1 / 70, 12);
  expect(Math.exp(factorials.fisherTail(8, 4, 4, 3))).toBeCloseTo(17 / 70, 12);
  expect(factorials.fisherTail(8, 4, 4, 0)).toBe(0);
  expect(factorials.fisherTail(8, 4, 4, 5)).toBe(Number.NEGATIVE_INFINITY);
  expect(factorials.fisherTail(1_000, 500, 400, 400)).toBeLessThan(-300);
});

test("the binomial tail", () => {
  expect(Math.exp(factorials.binomialTail(5, 5, 0.3))).toBeCloseTo(0.3 ** 5, 12);
  expect(Math.exp(factorials.binomialTail(4, 2, 0.5))).toBeCloseTo(11 / 16, 12);
});

test("Benjamini and Hochberg: the largest p below its share", () => {
  const logs = [0.01, 0.02, 0.03, 0.5].map(Math.log);
  expect(believedUpTo(logs, 4, 0.05)).toBe(Math.log(0.03));
  expect(believedUpTo(logs, 400, 0.05)).toBe(Number.NEGATIVE_INFINITY);
});
