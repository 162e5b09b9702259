import { mulberry32For, randomNormal } from "@tunewise/core/math";
import { describe, expect, it } from "vitest";
import type { SearchSpace } from "../space/hyperparameter.ts";
import { narrowSpace, type RangeStep, readRangeTest } from "./range-test.ts";
import { checkRanking, kendall } from "./small-to-large.ts";

/** A loss that is flat to a rate of 1e-4, falls to 1e-2, and diverges from 3e-2 on. */
function typical(noise: number, seed = 1): RangeStep[] {
  const random = mulberry32For(seed);
  return Array.from({ length: 101 }, (_, at) => {
    const rate = 1e-6 * 10 ** (at / 20);
    const log = Math.log10(rate);
    const fall = Math.min(1, Math.max(0, (log + 4) / 2));
    const rise = Math.max(0, log + 1.5) * 6;
    return { rate, loss: 3 - 1.5 * fall + rise + noise * randomNormal(random) };
  });
}

describe("a range test", () => {
  it.each([0, 0.02, 0.05])("finds the rates that learn under noise %d", (noise) => {
    const { usable, steepest, diverges } = readRangeTest(typical(noise));
    expect(usable?.low).toBeGreaterThan(5e-5);
    expect(usable?.low).toBeLessThan(5e-4);
    expect(usable?.high).toBeGreaterThan(5e-3);
    expect(usable?.high).toBeLessThan(6e-2);
    expect(steepest).toBeGreaterThan(1e-4);
    expect(steepest).toBeLessThan(2e-2);
    expect(diverges).toBeGreaterThan(usable?.high ?? 1);
  });

  it("names the rate at the bottom, not the one at which smoothing gets there", () => {
    const steps = Array.from({ length: 61 }, (_, at) => {
      const loss = at < 20 ? 3 : at < 40 ? 3 - (at - 20) / 10 : 1 + (at - 40) / 10;
      return { rate: 1e-5 * 10 ** (at / 10), loss };
    });
    const { usable } = readRangeTest(steps);
    expect(Math.abs(Math.log10((usable?.high ?? 0) / 1e-1))).toBeLessThan(0.11); // one step
    expect(usable?.low).toBeGreaterThan(1e-3 * 0.99);
    expect(usable?.low).toBeLessThan(2.1e-3);
  });

  it("ends where the loss is no number", () => {
    const steps = typical(0).map((step) => (step.rate > 5e-3 ? { ...step, loss: Number.NaN } : step));
    const { usable, diverges } = readRangeTest(steps);
    expect(usable?.high).toBeLessThan(5.1e-3);
    expect(diverges).toBeCloseTo(5.01e-3, 4);
    const nothing = typical(0).map(({ rate }) => ({ rate, loss: Number.NaN }));
    expect(readRangeTest(nothing)).toEqual({ usable: null, steepest: null, diverges: 1e-6 });
  });

  it("finds nothing in noise alone", () => {
    const random = mulberry32For(5);
    const steps = typical(0).map(({ rate }) => ({ rate, loss: 3 + 0.3 * randomNormal(random) }));
    expect(readRangeTest(steps).usable).toBeNull();
  });

  it.each([
    ["few steps", [{ rate: 1, loss: 1 }]],
    ["rates that fall", Array.from({ length: 12 }, (_, at) => ({ rate: 12 - at, loss: 1 }))],
    ["a rate of 0", Array.from({ length: 12 }, (_, at) => ({ rate: at, loss: 1 }))],
  ])("refuses %s", (_, steps) => {
    expect(() => readRangeTest(steps)).toThrow(expect.objectContaining({ code: "RANGE_TEST_INVALID" }));
  });

  it("narrows the space, and never to nothing", () => {
    const space: SearchSpace = { rate: { kind: "log-uniform", low: 1e-6, high: 1e-3 } };
    const found = { usable: { low: 1e-4, high: 1e-2 }, steepest: 1e-3, diverges: null };
    expect(narrowSpace(space, "rate", found)).toEqual({
      rate: { kind: "log-uniform", low: 1e-4, high: 1e-3 },
    });
    expect(narrowSpace(space, "rate", { ...found, usable: { low: 1, high: 2 } })).toBe(space);
    expect(narrowSpace(space, "rate", { ...found, usable: null })).toBe(space);
    expect(narrowSpace(space, "other", found)).toBe(space);
  });
});

describe("a ranking on a slice", () => {
  const pairs = (noise: number, count: number) => {
    const random = mulberry32For(9, count);
    return Array.from({ length: count }, (_, at) => ({
      slice: at + noise * randomNormal(random),
      whole: at,
    }));
  };

  it("holds where it stays the same, does not where it turns, and cannot be told from few", () => {
    expect(checkRanking(pairs(0.2, 20), "minimize", 1)).toMatchObject({ verdict: "holds", regret: 0 });
    const turned = pairs(0, 20).map(({ slice, whole }) => ({ slice: -slice, whole }));
    expect(checkRanking(turned, "minimize", 1)).toMatchObject({
      verdict: "does-not-hold",
      tau: -1,
      regret: 19,
    });
    expect(checkRanking(pairs(3, 7), "minimize", 1).verdict).toBe("cannot-tell");
    expect(checkRanking(pairs(0, 3), "maximize", 1)).toMatchObject({
      verdict: "cannot-tell",
      interval: null,
    });
  });

  it("has the tau of the textbook, ties among it", () => {
    const list = (slices: number[], wholes: number[]) =>
      slices.map((slice, at) => ({ slice, whole: wholes[at] as number }));
    expect(kendall(list([1, 2, 3, 4, 5], [3, 4, 1, 2, 5]))).toBeCloseTo(0.2, 12);
    expect(kendall(list([1, 2, 2, 3], [1, 2, 3, 4]))).toBeCloseTo(5 / Math.sqrt(5 * 6), 12);
    expect(kendall(list([1, 1, 1], [1, 2, 3]))).toBe(0);
  });
});
