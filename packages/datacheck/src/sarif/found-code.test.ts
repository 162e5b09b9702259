/** @file Findings of several scanners: merged if location and family match, otherwise separate. */
import { describe, expect, test } from "vitest";
import { type FoundCode, foundHere, mergeFound } from "./found-code.ts";

const at = (line: number, cwe: number, source: string, more: Partial<FoundCode> = {}): FoundCode => ({
  rule: `${source}/r`,
  cwe,
  title: "t",
  language: "python",
  severity: "medium",
  line,
  column: 1,
  start: line * 10,
  end: line * 10 + 5,
  excerpt: "",
  certainty: "certain",
  sources: [source],
  lastLine: line,
  ...more,
});
const shown = (all: readonly FoundCode[]): string[] =>
  all.map(({ line, cwe, severity, sources }) => `${line} ${cwe} ${severity} ${sources.join("+")}`);

describe("mergeFound", () => {
  const cases: [name: string, before: FoundCode[], more: FoundCode[], merged: string[]][] = [
    [
      "the same place and number",
      [at(3, 89, "builtin")],
      [at(3, 89, "bandit")],
      ["3 89 medium builtin+bandit"],
    ],
    ["one family", [at(3, 327, "builtin")], [at(3, 328, "bandit")], ["3 327 medium builtin+bandit"]],
    [
      "the more severe counts",
      [at(3, 89, "builtin", { severity: "low" })],
      [at(3, 89, "bandit", { severity: "high" })],
      ["3 89 high builtin+bandit"],
    ],
    [
      "another family",
      [at(3, 89, "builtin")],
      [at(3, 78, "bandit")],
      ["3 78 medium bandit", "3 89 medium builtin"],
    ],
    [
      "another line",
      [at(3, 89, "builtin")],
      [at(4, 89, "bandit")],
      ["3 89 medium builtin", "4 89 medium bandit"],
    ],
    [
      "lines of one statement",
      [at(3, 89, "builtin", { lastLine: 6 })],
      [at(5, 89, "bandit")],
      ["3 89 medium builtin+bandit"],
    ],
    [
      "a span of a whole function is its first line",
      [at(9, 89, "builtin")],
      [at(3, 89, "bandit", { lastLine: 60 })],
      ["3 89 medium bandit", "9 89 medium builtin"],
    ],
    ["nobody before", [], [at(1, 22, "semgrep")], ["1 22 medium semgrep"]],
  ];
  test.each(cases)("%s", (_, before, more, merged) => {
    expect(shown(mergeFound(before, more))).toEqual(merged);
  });

  test("a third scanner joins, and one that says it twice is named once", () => {
    const two = mergeFound([at(3, 89, "builtin")], [at(3, 89, "bandit"), at(3, 564, "bandit")]);
    expect(shown(mergeFound(two, [at(3, 89, "semgrep")]))).toEqual(["3 89 medium builtin+bandit+semgrep"]);
  });

  test("findings of the scanner that comes along stay apart, as it gave them", () => {
    const text = "a\nb(\n1)\n";
    const { sources: _, lastLine: __, ...finding } = at(2, 89, "x", { start: 2, end: 7 });
    const [one, other] = foundHere(text, [finding, { ...finding, cwe: 943 }]);
    expect([one?.lastLine, one?.sources, other?.cwe]).toEqual([3, ["builtin"], 943]);
    expect(
      mergeFound(
        [one, other].filter((found) => found !== undefined),
        [],
      ),
    ).toHaveLength(2);
  });
});
