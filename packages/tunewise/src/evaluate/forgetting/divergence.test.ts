/** @file Tests the KL divergence by position against closed forms, and its invariants. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { positionDivergence, summarizeDivergence } from "./divergence.ts";

const logits = (...values: number[]): Float32Array => Float32Array.from(values);

describe("positionDivergence", () => {
  it("is the sum of p log p / q", () => {
    const base = logits(0, Math.log(3), 0, 0); // probabilities 1/4 and 3/4, then 1/2 and 1/2
    const tuned = logits(0, 0, 0, Math.log(3));
    const places = positionDivergence(base, tuned, 2);
    expect(places).toHaveLength(2);
    const [first, second] = places;
    expect(first).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 6);
    expect(second).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 6);
  });

  it("refuses logits of another size", () => {
    expect(() => positionDivergence(logits(1, 2), logits(1, 2, 3, 4), 2)).toThrow(/Internal/);
    expect(() => positionDivergence(logits(1, 2, 3), logits(1, 2, 3), 2)).toThrow(/Internal/);
  });

  it("takes a word that the base never says for nothing", () => {
    const [kl] = positionDivergence(logits(0, -1e30), logits(0, 0), 2);
    expect(kl).toBeCloseTo(Math.log(2), 6);
  });

  it("takes a word without any likelihood for nothing, and a word that the tuned model lost for infinitely far", () => {
    const never = Number.NEGATIVE_INFINITY;
    expect(positionDivergence(logits(0, never), logits(0, 0), 2)[0]).toBeCloseTo(Math.log(2), 6);
    expect(positionDivergence(logits(0, never), logits(0, never), 2)[0]).toBe(0);
    expect(positionDivergence(logits(0, 0), logits(0, never), 2)[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it("stands logits too large, and too small, for an exponential", () => {
    const shifted = (by: number) => [
      ...positionDivergence(logits(by, by + 2, by + 4), logits(by + 4, by + 2, by), 3),
    ];
    expect(shifted(1024)[0]).toBeCloseTo(shifted(0)[0] ?? 0, 6);
    expect(shifted(-1024)[0]).toBeCloseTo(shifted(0)[0] ?? 0, 6);
  });

  const row = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 5, maxLength: 5 });
  it("is never negative, nothing for equal models, and blind to a shift of all logits", () => {
    fc.assert(
      fc.property(row, row, fc.float({ min: -8, max: 8, noNaN: true }), (p, q, shift) => {
        const [kl = -1] = positionDivergence(logits(...p), logits(...q), 5);
        expect(kl).toBeGreaterThanOrEqual(0);
        expect(positionDivergence(logits(...p), logits(...p), 5)[0]).toBeLessThan(1e-9);
        const moved = positionDivergence(logits(...p), logits(...q.map((value) => value + shift)), 5)[0];
        expect(moved).toBeCloseTo(kl, 3);
      }),
    );
  });
});

describe("summarizeDivergence", () => {
  it("is the mean over places, not over prompts", () => {
    const { kl, prompts, positions } = summarizeDivergence([
      { sum: 1, positions: 1 },
      { sum: 0, positions: 9 },
    ]);
    expect([kl, prompts, positions]).toEqual([0.1, 2, 10]);
  });

  it("draws two prompts: both bounds are those of one of them, weighed by places", () => {
    const two = [
      { sum: 0, positions: 30 },
      { sum: 10, positions: 10 },
    ];
    expect(summarizeDivergence(two)).toEqual({
      kl: 0.25,
      interval: { low: 0, high: 1 },
      prompts: 2,
      positions: 40,
    });
  });

  it("of no prompt is no number", () => {
    expect(summarizeDivergence([])).toEqual({ kl: Number.NaN, interval: null, prompts: 0, positions: 0 });
  });

  it("draws prompts for its interval, and has none of one", () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ sum: at, positions: 10 }));
    const { kl, interval } = summarizeDivergence(many);
    expect(interval?.low).toBeLessThan(kl);
    expect(interval?.high).toBeGreaterThan(kl);
    expect(summarizeDivergence([{ sum: 1, positions: 2 }])).toMatchObject({ kl: 0.5, interval: null });
  });
});
