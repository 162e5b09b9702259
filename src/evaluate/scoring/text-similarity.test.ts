import { expect, test } from "vitest";
import { levenshtein, rougeN } from "./text-similarity.ts";

test.each([
  ["", "", 0],
  ["abc", "", 3],
  ["", "abc", 3],
  ["abc", "abc", 0],
  ["kitten", "sitting", 3],
  ["saturday", "sunday", 3],
  ["flaw", "lawn", 2],
  ["ab", "ba", 2],
  ["abc", "bc", 1],
  ["bc", "abc", 1],
  ["Paris", "paris", 1],
  ["😀a", "a", 1],
])("letters to change from %j to %j: %i", (one, other, changes) => {
  expect(levenshtein(one, other)).toBe(changes);
  expect(levenshtein(other, one)).toBe(changes);
});

test("what lies beyond 10,000 characters is not compared", () => {
  const long = "a".repeat(10_000);
  expect([levenshtein(long, ""), levenshtein(`${long}b`, ""), levenshtein("", `${long}b`)]).toEqual([
    ...[10_000, 10_000, 10_000],
  ]);
});

test.each([
  ["the same words in another order", "the cat sat", "Sat the cat.", 1],
  ["no word in common", "the cat sat", "a dog ran", 0],
  ["one word of two and three: 2 / 5", "a b b", "b c", 2 / 5],
  ["a word said again counts once: 2 / 4", "a a a", "a", 2 / 4],
  ["and as often as it is asked for: 4 / 5", "a a", "a a a", 4 / 5],
  ["words as they stand, not their stems", "running", "run", 0],
  ["nor those of the reference", "run", "running", 0],
  ["nothing said", "", "a", 0],
])("%s", (_, answer, reference, f1) => {
  expect(rougeN(answer, reference)).toBeCloseTo(f1, 12);
});
