/** @file Tests the perplexity comparison against closed forms, and the coverage of its interval. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normal, seeded } from "../../../../../test/support/chance.ts";
import { comparePerplexity } from "./perplexity.ts";

const loss = (nll: number, labelledTokens: number) => ({ nll, labelledTokens });

describe("comparePerplexity", () => {
  it("weighs documents by their tokens", () => {
    const change = comparePerplexity([loss(20, 10), loss(30, 30)], [loss(22, 10), loss(30, 30)]);
    expect(change.base).toBeCloseTo(Math.exp(50 / 40), 12);
    expect(change.tuned).toBeCloseTo(Math.exp(52 / 40), 12);
    expect(change.rise).toBeCloseTo(Math.exp(2 / 40) - 1, 12);
    expect(change.rise).toBeCloseTo(change.tuned / change.base - 1, 12);
    expect(change).toMatchObject({ documents: 2, tokens: 40 });
  });

  it("leaves out documents without a token that counts", () => {
    expect(comparePerplexity([loss(0, 0), loss(3, 3)], [loss(0, 0), loss(3, 3)])).toMatchObject({
      documents: 1,
      interval: null,
      rise: 0,
    });
  });

  it("knows no interval of one document and no number of none", () => {
    expect(comparePerplexity([loss(3, 3)], [loss(4, 3)]).interval).toBeNull();
    expect(comparePerplexity([], []).rise).toBeNaN();
  });

  it("draws two documents: both bounds are those of one of them", () => {
    const base = [loss(10, 10), loss(60, 30), loss(5, 0)];
    const tuned = [loss(15, 10), loss(60, 30), loss(9, 0)];
    const change = comparePerplexity(base, tuned);
    expect(change).toMatchObject({ documents: 2, tokens: 40 });
    expect(change.interval?.low).toBe(0);
    expect(change.interval?.high).toBeCloseTo(Math.exp(0.5) - 1, 12);
  });

  it("refuses losses of different documents", () => {
    expect(() => comparePerplexity([loss(1, 1)], [])).toThrow(/Internal/);
  });

  it("gives infinity for a model that broke", () => {
    const rows = [loss(3, 3), loss(4, 4)];
    const broken = rows.map(({ labelledTokens }) => loss(Number.POSITIVE_INFINITY, labelledTokens));
    const { rise, interval } = comparePerplexity(rows, broken);
    expect([rise, interval?.low]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("is sure where every token lost the same", () => {
    const tokens = fc.integer({ min: 1, max: 400 });
    const rows = fc.array(fc.tuple(tokens, fc.double({ min: 0, max: 8, noNaN: true })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (documents, shift) => {
        const base = documents.map(([count, mean]) => loss(mean * count, count));
        const tuned = documents.map(([count, mean]) => loss((mean + shift) * count, count));
        const { rise, interval } = comparePerplexity(base, tuned, { draws: 50 });
        for (const value of [rise, interval?.low, interval?.high])
          expect(value).toBeCloseTo(Math.expm1(shift), 9);
      }),
      { numRuns: 50 },
    );
  });

  it("holds the truth in about 95 of 100 evaluations", () => {
    const random = seeded(5);
    const truth = 0.03;
    let inside = 0;
    const runs = 2_000;
    for (let run = 0; run < runs; run++) {
      const rows = Array.from({ length: 100 }, () => {
        const tokens = 50 + Math.floor(200 * random());
        return { tokens, base: 3 * tokens, change: (truth + 0.1 * normal(random)) * tokens };
      });
      const base = rows.map(({ tokens, base: nll }) => loss(nll, tokens));
      const tuned = rows.map(({ tokens, base: nll, change }) => loss(nll + change, tokens));
      const { interval } = comparePerplexity(base, tuned, { draws: 300, seed: run });
      const [low, high] = [interval?.low ?? 1, interval?.high ?? 0];
      if (low <= Math.expm1(truth) && Math.expm1(truth) <= high) inside++;
    }
    expect(inside / runs).toBeGreaterThan(0.93);
    expect(inside / runs).toBeLessThan(0.97);
  }, 120_000); // takes seconds, and a busy machine must not fail it
});
