/** @file User-supplied patterns: matched, rejected, and stopped if they do not terminate. */
import { expect, test } from "vitest";
import { findsPattern, patternProblem } from "./pattern.ts";

test.each([
  ["b+", "abbb", true],
  ["^b", "abbb", false],
  ["/PARIS/i", "in Paris", true],
  ["/a.c/s", "a\nc", true],
  ["/", "a/b", true],
  ["/usr/bin/x", "see /usr/bin/x", true],
])("%s in %j: %s", (pattern, text, found) => {
  expect(patternProblem(pattern)).toBeNull();
  expect(findsPattern(pattern, text)).toBe(found);
});

test.each([["("], ["[z-a]"], ["a{2,1}"]])("%s is refused with the reason", (pattern) => {
  expect(patternProblem(pattern)).toMatch(/cannot be read: Invalid regular expression/);
});

test("one that would take ages is given up and counts as not found", () => {
  const started = performance.now();
  expect(findsPattern("^(a+)+$", `${"a".repeat(60)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(5_000);
});
