import fc from "fast-check";
import { expect, test } from "vitest";
import { Lexicon, termsOf } from "./lexicon.ts";
import { countWords, wordsOf } from "./words.ts";

test.each([
  ["Don't PANIC: read max_length=42!", ["don", "t", "panic", "read", "max", "length", "42"]],
  ["Größe, naïve Café", ["größe", "naïve", "café"]],
  ["ｆｕｌｌ ｗｉｄｔｈ ﬁnd", ["full", "width", "find"]],
  ["iPhone手機殼好", ["iphone", "手機", "機殼", "殼好"]],
  ["中", ["中"]],
  ["ไทย", ["ไท", "ทย"]],
  ["한국어 검색", ["한국", "국어", "검색"]],
  ["हिन्दी में", ["हिन्दी", "में"]],
  ["Москва и мир", ["москва", "и", "мир"]],
  ["…—! \u0301", []],
])("words of %s", (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test("terms are stems without stop words in English, and words as they are elsewhere", () => {
  expect(termsOf("The runners were running to the Größe", "english")).toEqual([
    "runner",
    "were",
    "run",
    "größe",
  ]);
  expect(termsOf("The runners", "any")).toEqual(["the", "runners"]);
  expect(termsOf(`key ${"a".repeat(65)}`, "english")).toEqual(["key"]);
});

test("the quick way of reading gives the same terms as the plain one, whatever was read before", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "The",
      "running",
      "cafe\u0301",
      "naïve",
      "“quoted”",
      "a—b",
      "手機殼",
      "\u00a0",
      "x".repeat(70),
    ),
    fc.string({ unit: "binary" }),
    fc.string(),
  );
  const texts = fc.array(fc.array(piece).map((pieces) => pieces.join(" ")));
  fc.assert(
    fc.property(texts, fc.constantFrom("english" as const, "any" as const), (all, language) => {
      const lexicon = new Lexicon(language);
      for (const text of all) {
        expect(lexicon.read(text).map((id) => lexicon.terms[id])).toEqual(termsOf(text, language));
      }
    }),
    { numRuns: 100 },
  );
});

test("many spellings are all kept apart", () => {
  const lexicon = new Lexicon("any");
  const words = Array.from({ length: 30_000 }, (_, at) => `w${at.toString(36)}`);
  expect(new Set(lexicon.read(words.join(" "))).size).toBe(30_000);
  expect(lexicon.read("W0 w7ps")).toEqual([0, Number.parseInt("7ps", 36)]);
});

test("counts words as a reader would", () => {
  expect(countWords("")).toBe(0);
  expect(countWords(" two  words\n")).toBe(2);
  expect(countWords("手機殼好")).toBe(2);
});
