import { describe, expect, test } from "vitest";
import { type Judgments, measureRankings } from "./measure.ts";

function judged(grades: Record<string, Record<string, number>>): Judgments {
  return new Map(Object.entries(grades).map(([query, of]) => [query, new Map(Object.entries(of))]));
}

describe("scores of rankings", () => {
  test("by hand: relevant at 1 and 3 of five, one of three never found", () => {
    const scores = measureRankings(
      new Map([["q", ["a", "x", "b", "y", "z"]]]),
      judged({ q: { a: 1, b: 1, c: 1 } }),
      [1, 5, 10],
    );
    expect(scores.queries).toBe(1);
    expect(scores.averagePrecision).toBeCloseTo((1 / 1 + 2 / 3) / 3, 12);
    expect(scores.reciprocalRank).toBe(1);
    expect(scores.precision).toEqual({ 1: 1, 5: 2 / 5, 10: 2 / 10 });
    expect(scores.recall).toEqual({ 1: 1 / 3, 5: 2 / 3, 10: 2 / 3 });
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(scores.gain[5]).toBeCloseTo((1 + 1 / Math.log2(4)) / ideal, 12);
    expect(scores.gain[1]).toBe(1);
  });

  test("grades weigh in the gain, and judged documents that are not relevant count nowhere", () => {
    const scores = measureRankings(
      new Map([["q", ["n", "b", "a"]]]),
      judged({ q: { a: 3, b: 1, n: 0 } }),
      [3],
    );
    const gain = 1 / Math.log2(3) + 3 / Math.log2(4);
    expect(scores.gain[3]).toBeCloseTo(gain / (3 + 1 / Math.log2(3)), 12);
    expect(scores.reciprocalRank).toBeCloseTo(1 / 2, 12);
    expect(scores.averagePrecision).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  });

  test("questions without a ranking count as 0, those without a relevant document not at all", () => {
    const judgements = judged({ found: { a: 1 }, lost: { b: 1 }, none: { c: 0 } });
    const rankings = new Map([
      ["found", ["a"]],
      ["none", ["c"]],
      ["unknown", ["a"]],
    ]);
    const scores = measureRankings(rankings, judgements, [1]);
    expect(scores.queries).toBe(2);
    expect(scores.averagePrecision).toBe(0.5);
    expect(scores.reciprocalRank).toBe(0.5);
    expect(scores.precision).toEqual({ 1: 0.5 });
  });

  test("an id that comes twice counts once, and no judgements give zeros", () => {
    const twice = measureRankings(new Map([["q", ["a", "a", "b"]]]), judged({ q: { a: 1, b: 1 } }), [2]);
    expect(twice.averagePrecision).toBe(1);
    expect(twice.recall).toEqual({ 2: 1 });
    expect(measureRankings(new Map(), new Map(), [1])).toMatchObject({ queries: 0, averagePrecision: 0 });
  });
});
