/** @file Tests patterns of LIKE. */
import { expect, test } from "vitest";
import { isLike } from "./like.ts";

test.each([
  ["a.txt", "%.txt"],
  ["a.txt", "_.txt"],
  ["a%b", "a\\%b"],
  ["a\nb", "a%b"],
  ["", "%"],
  ["abcabc", "%abc"],
  ["😀.txt", "_.txt"],
])("%j is like %j", (text, pattern) => {
  expect(isLike(text, pattern)).toBe(true);
});

test.each([
  ["a.txt", "%.TXT"],
  ["axb", "a\\%b"],
  ["ab", "_"],
  ["", "_"],
  ["a.txt", "a"],
])("%j is not like %j", (text, pattern) => {
  expect(isLike(text, pattern)).toBe(false);
});

test("takes no more than its length times that of the text", () => {
  const started = performance.now();
  expect(isLike("a".repeat(2_000), `${"%a".repeat(500)}%b`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1_000);
});
