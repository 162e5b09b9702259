/** @file Tests conditions on answers, and the grouping of prompts by outcome. */

import type { Expected } from "@tunewise/datacheck/dataset";
import { describe, expect, it } from "vitest";
import { compareRegressionPrompts, expectedText, meetsExpected } from "./regression-prompts.ts";

const cases: [Expected, string, boolean][] = [
  [{ equals: "4" }, " 4\n", true],
  [{ equals: " 4 " }, "4", true],
  [{ equals: "4" }, "4.", false],
  [{ contains: "4 " }, "4 ", false],
  [{}, "whatever", true],
  [{ equals: "undefined" }, "undefined", true],
  [{ contains: "Paris" }, "It is Paris.", true],
  [{ contains: "Paris" }, "It is paris.", false],
  [{ icontains: "Paris" }, "It is PARIS.", true],
  [{ icontains: "Paris" }, "It is Rome.", false],
  [{ containsAll: ["a", "b"] }, "b a", true],
  [{ containsAll: ["a", "b"] }, "a", false],
  [{ containsAny: ["a", "b"] }, "b", true],
  [{ containsAny: ["a", "b"] }, "c", false],
  [{ excludes: "sorry" }, "Of course.", true],
  [{ excludes: "sorry" }, "I am sorry.", false],
  [{ regex: "^\\d{4}$" }, "1945", true],
  [{ regex: "/^yes/i" }, "Yes, it is.", true],
  [{ regex: "^\\d{4}$" }, "in 1945", false],
  [{ isJson: true }, '{"a": 1}', true],
  [{ isJson: true }, "a: 1", false],
  [{ isJson: false }, "a: 1", true],
  [{ contains: "a", excludes: "b" }, "ab", false],
  [{ contains: "a", excludes: "b" }, "ac", true],
];

describe("meetsExpected", () => {
  it.each(cases)("%j of %j: %s", (expected, answer, meets) => {
    expect(meetsExpected(expected, answer)).toBe(meets);
  });
});

describe("expectedText", () => {
  it("says every condition", () => {
    expect(expectedText({ contains: 'a "b"', regex: "^x", isJson: false })).toBe(
      'contains "a \\"b\\"" and matches ^x and is not JSON',
    );
    expect(expectedText({ contains: "a" })).toBe('contains "a"');
    expect(expectedText({})).toBe("");
    const all: Expected = {
      equals: "a",
      icontains: "b",
      containsAll: ["c", "d"],
      containsAny: ["e"],
      excludes: "f",
      isJson: true,
    };
    expect(expectedText(all)).toMatchInlineSnapshot(
      `"equals "a" and contains "b" in any case and contains all of "c", "d" and contains one of "e" and does not contain "f" and is JSON"`,
    );
  });
});

describe("compareMusts", () => {
  const one = (prompt: string, before: boolean, after: boolean) => ({
    prompt,
    expected: "",
    base: { answer: "", works: before },
    tuned: { answer: "", works: after },
  });

  it("counts only what worked before as lost, and lists the rest apart", () => {
    const outcomes = [
      one("a", true, true),
      one("b", true, false),
      one("c", false, false),
      one("d", false, true),
    ];
    const { broken, neverWorked, ...counts } = compareRegressionPrompts(outcomes);
    expect(counts).toEqual({ asked: 4, workedBefore: 2, stillWork: 1 });
    expect(broken.map(({ prompt }) => prompt)).toEqual(["b"]);
    expect(neverWorked.map(({ prompt }) => prompt)).toEqual(["c", "d"]);
  });

  it("of nothing is nothing", () => {
    expect(compareRegressionPrompts([])).toMatchObject({ asked: 0, workedBefore: 0, stillWork: 0 });
  });
});
