import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stem as stemOf } from "../dataset/index.ts";
import { rougeL, rougeTokens } from "./rouge.ts";

interface Golden {
  stems: string;
  rows: { reference: string; answer: string; f1: number; f1_stem: number }[];
}
const file = new URL("../../test/conformance/golden/rouge.json", import.meta.url);
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
  // a c d f of a b c d e f and x a c y d f
  expect(rougeL("a b c d e f", "x a c y d f", { stem: false })).toBeCloseTo(8 / 12, 12);
  expect(rougeL("a a b", "a b b", { stem: false })).toBeCloseTo(4 / 6, 12);
});
