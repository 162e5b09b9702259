import { describe, expect, test } from "vitest";
import { type PositionVerdict, pairwisePrompts, readVerdict, summarizePairs } from "./pairwise-judge.ts";

test("both orders are asked, and differ in the order alone", () => {
  const pair = { question: "q", answerA: "one", answerB: "two", reference: null };
  const [ab, ba] = pairwisePrompts(pair, "correct");
  expect(ab.indexOf("one")).toBeLessThan(ab.indexOf("two\n>>>"));
  expect(ab.replace("answer 1\none", "answer 1\ntwo").replace("answer 2\ntwo", "answer 2\none")).toBe(ba);
  expect(ab).toContain("What counts: correct\n\n");
  // task, criteria, caution, question, both answers, form of the verdict
  expect(ab.split("\n\n")).toHaveLength(7);
  expect(ab).not.toContain("expected");
  const [withReference] = pairwisePrompts({ ...pair, reference: "three" }, "correct");
  expect(withReference).toContain("<<<question\nq\n>>>\n\n<<<expected\nthree\n>>>\n\n<<<answer 1\none\n>>>");
});

test.each([
  ["VERDICT: 1", "first"],
  ["First I thought VERDICT: 1, but no.\n**VERDICT:** 2", "second"],
  ["verdict: TIE.", "tie"],
  ["VERDICT: 12", null],
  ["VERDICT: tied", null],
  ['Verdict : "tie"', "tie"],
  ["VERDICT:1", "first"],
  [`VERDICT: 1${" ".repeat(19_990)}`, "first"],
  [`VERDICT: 1${" ".repeat(19_991)}`, null],
  ["", null],
  ["The first answer is better", null],
])("%s", (text, verdict) => {
  expect(readVerdict(text)).toBe(verdict);
});

describe("putting orders together", () => {
  const many = (count: number, ab: PositionVerdict | null, ba: PositionVerdict | null) =>
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
    // Wilson's interval of 9 of 10
    expect(summary.shareA?.interval).toEqual({
      low: expect.closeTo(0.5958, 4),
      high: expect.closeTo(0.9821, 4),
    });
    expect(summary.place).toEqual({ first: 2, second: 2, pValue: 1 });
    expect(summary.saysNothing).toBe(false);
    expect(summary.warnings).toEqual([]);
  });

  test("a judge that always prefers the first answer is found out", () => {
    const { wins, place, warnings, shareA, saysNothing } = summarizePairs(many(20, "first", "first"));
    expect(saysNothing).toBe(true);
    expect(wins).toEqual({ a: 0, b: 0, tie: 0, open: 20 });
    expect(place.pValue).toBeLessThan(1e-5);
    expect(shareA).toBeNull();
    expect(warnings[0]).toBe(
      "The judge always preferred the first answer, whichever it was: its verdicts say nothing.",
    );
  });

  test("one that always prefers the second as well, though it cannot always be read", () => {
    const { warnings, saysNothing, orders } = summarizePairs([
      ...many(7, "second", "second"),
      ...many(1, "first", null),
    ]);
    expect(saysNothing).toBe(true);
    expect(orders).toEqual({ items: 7, raw: 0, kappa: 0 });
    expect(warnings).toEqual([
      "The judge always preferred the second answer, whichever it was: its verdicts say nothing.",
      "Turned round, the judge agrees with itself hardly more than by chance (kappa 0.00).",
      "1 of 8 pairs have a verdict that cannot be read.",
    ]);
  });

  test("a pair counts where both verdicts can be read and name the same answer", () => {
    const { outcomes } = summarizePairs([
      ["first", "second"],
      ["second", "first"],
      ["tie", "tie"],
      ["first", "tie"],
      ["tie", "second"],
      ["first", null],
      [null, "second"],
      [null, null],
    ]);
    expect(outcomes).toEqual(["a", "b", "tie", "open", "open", "open", "open", "open"]);
  });

  test("ties alone: nobody is ahead, and the judge agrees with itself", () => {
    expect(summarizePairs(many(4, "tie", "tie"))).toMatchObject({
      wins: { a: 0, b: 0, tie: 4, open: 0 },
      shareA: null,
      pValue: 1,
      saysNothing: false,
      warnings: [],
      orders: { items: 4, raw: 1, kappa: null },
    });
  });

  test("nothing that can be read, or nothing at all, is no verdict and no agreement", () => {
    expect(summarizePairs(many(2, null, "first"))).toMatchObject({
      wins: { a: 0, b: 0, tie: 0, open: 2 },
      orders: null,
      saysNothing: false,
      shareA: null,
      warnings: ["2 of 2 pairs have a verdict that cannot be read."],
    });
    expect(summarizePairs([])).toMatchObject({
      orders: null,
      saysNothing: false,
      warnings: [],
      outcomes: [],
    });
  });

  test("from a kappa of 0.4 on a judge agrees with itself well enough", () => {
    // 5 of 8 agree; by chance (4 / 8)^2 + 2 (2 / 8)^2, so kappa is (0.625 - 0.375) / 0.625
    const five = [
      ...[...many(3, "first", "second"), ...many(1, "second", "first"), ...many(1, "tie", "tie")],
      ...[...many(1, "first", "first"), ...many(1, "second", "tie")],
    ];
    const eight = [...five, ...many(1, "tie", "second")];
    expect(summarizePairs(eight)).toMatchObject({ orders: { kappa: 0.4 }, warnings: [] });
    // 5 of 9 agree: kappa is (0.556 - 30 / 81) / (1 - 30 / 81)
    expect(summarizePairs([...eight, ...many(1, "first", "tie")]).warnings).toEqual([
      "Turned round, the judge agrees with itself hardly more than by chance (kappa 0.29).",
    ]);
  });

  test("a lean to one place, and verdicts that cannot be read, are said", () => {
    const { warnings } = summarizePairs([
      ...many(20, "first", "second"),
      ...many(10, "second", "first"),
      ...many(9, "second", "second"),
      ...many(1, null, "first"),
    ]);
    expect(warnings).toEqual([
      "The judge leans to the second place: 0 pairs to the first, 9 to the second.",
      "1 of 40 pairs have a verdict that cannot be read.",
    ]);
    const first = summarizePairs([
      ...many(20, "first", "second"),
      ...many(10, "second", "first"),
      ...many(6, "first", "first"),
    ]);
    expect(first.warnings[0]).toBe(
      "The judge leans to the first place: 6 pairs to the first, 0 to the second.",
    );
    const five = summarizePairs([
      ...many(20, "first", "second"),
      ...many(10, "second", "first"),
      ...many(5, "first", "first"),
    ]);
    expect(five.warnings).toEqual([]); // p = 2 / 32
  });
});
