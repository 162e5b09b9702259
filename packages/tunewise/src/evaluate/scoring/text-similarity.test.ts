import { readFileSync } from "node:fs";
import { stem as stemOf } from "@tunewise/datacheck/dataset";
import { expect, test } from "vitest";
import { levenshtein, rougeL, rougeN, rougeTokens } from "./text-similarity.ts";

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

interface Golden {
  stems: string;
  rows: { reference: string; answer: string; f1: number; f1_stem: number }[];
}
const file = new URL("../../../../../test/conformance/golden/rouge.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;

test("stems equal NLTK's on every rule", () => {
  const pairs = golden.stems.split(" ").map((pair) => pair.split(":") as [string, string]);
  expect(pairs.length).toBeGreaterThan(1500);
  expect(pairs.map(([word]) => `${word}:${stemOf(word)}`).join(" ")).toBe(golden.stems);
});

test.each(golden.rows)("ROUGE-L equals rouge_score: $answer", ({ reference, answer, f1, f1_stem }) => {
  expect(rougeL(answer, reference, { stem: false })).toBeCloseTo(f1, 12);
  expect(rougeL(answer, reference, { stem: true })).toBeCloseTo(f1_stem, 12);
});

test("the two texts of the golden file do differ by stemming", () => {
  expect(golden.rows.some(({ f1, f1_stem }) => f1 !== f1_stem)).toBe(true);
});

test("only longer words are stemmed", () => {
  expect(rougeTokens("Was running-on 3rd gas", true)).toEqual(["was", "run", "on", "3rd", "gas"]);
  expect(rougeTokens("Was running-on 3rd gas", false)).toEqual(["was", "running", "on", "3rd", "gas"]);
});

test("order and both lengths count", () => {
  expect(rougeL("a b c", "a b c d", { stem: false })).toBeCloseTo(6 / 7, 12);
  expect(rougeL("c b a", "a b c", { stem: false })).toBeCloseTo(1 / 3, 12);
});

test("a hostile text is cut, not computed", () => {
  const long = "yyyy ".repeat(200_000);
  expect(rougeTokens(long, true)).toHaveLength(10_000);
  expect(stemOf("y".repeat(20_000))).toHaveLength(20_000);
});

test("texts without a Latin letter or digit share nothing, and neither do words in another case differ", () => {
  expect(rougeL("你好", "你好", { stem: false })).toBe(0);
  expect(rougeL("", "a", { stem: false })).toBe(0);
  expect(rougeL("The CAT", "the cat", { stem: false })).toBe(1);
});

test("the longest common subsequence may skip words on either side", () => {
  // the longest common subsequence of a b c d e f and x a c y d f is a c d f
  expect(rougeL("a b c d e f", "x a c y d f", { stem: false })).toBeCloseTo(8 / 12, 12);
  expect(rougeL("a a b", "a b b", { stem: false })).toBeCloseTo(4 / 6, 12);
});
