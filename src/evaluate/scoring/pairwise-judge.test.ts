import { describe, expect, test } from "vitest";
import { type PlaceVerdict, pairwisePrompts, readVerdict, summarizePairs } from "./pairwise-judge.ts";

test("both orders are asked, and differ in the order alone", () => {
  const pair = { question: "q", answerA: "one", answerB: "two", reference: null };
  const [ab, ba] = pairwisePrompts(pair, "correct");
  expect(ab.indexOf("one")).toBeLessThan(ab.indexOf("two\n>>>"));
  expect(ab.replace("answer 1\none", "answer 1\ntwo").replace("answer 2\ntwo", "answer 2\none")).toBe(ba);
});

test.each([
  ["VERDICT: 1", "first"],
  ["First I thought VERDICT: 1, but no.\n**VERDICT:** 2", "second"],
  ["verdict: TIE.", "tie"],
  ["VERDICT: 12", null],
  ["The first answer is better", null],
])("%s", (text, verdict) => {
  expect(readVerdict(text)).toBe(verdict);
});

describe("putting orders together", () => {
  const many = (count: number, ab: PlaceVerdict | null, ba: PlaceVerdict | null) =>
    Array.from({ length: count }, () => [ab, ba] as const);

  test("only agreeing verdicts count", () => {
    const summary = summarizePairs([
      ...many(9, "first", "second"),
      ...many(1, "second", "first"),
      ...many(2, "tie", "tie"),
      ...many(2, "first", "first"),
      ...many(2, "second", "second"),
    ]);
    expect(summary.wins).toEqual({ a: 9, b: 1, tie: 2, open: 4 });
    expect(summary.shareA?.value).toBe(0.9);
    expect(summary.pValue).toBeCloseTo(0.0215, 4);
    expect(summary.warnings).toEqual([]);
  });

  test("a judge that always prefers the first answer is found out", () => {
    const { wins, place, warnings, shareA } = summarizePairs(many(20, "first", "first"));
    expect(wins).toEqual({ a: 0, b: 0, tie: 0, open: 20 });
    expect(place.pValue).toBeLessThan(1e-5);
    expect(shareA).toBeNull();
    expect(warnings[0]).toBe(
      "The judge always preferred the first answer, whichever it was: its verdicts say nothing.",
    );
  });

  test("a lean to one place, and verdicts that cannot be read, are said", () => {
    const { warnings } = summarizePairs([
      ...many(20, "first", "second"),
      ...many(10, "second", "first"),
      ...many(9, "second", "second"),
      ...many(1, null, "first"),
    ]);
    expect(warnings.join(" ")).toContain("leans to the second place");
    expect(warnings.join(" ")).toContain("1 of 40 pairs");
  });
});
