import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stemEnd } from "./stem.ts";
import { maxCharacters, WordReader, wordMarks } from "./word-reader.ts";

function wordsOf(text: string): string[] {
  const reader = new WordReader();
  reader.read(text);
  return Array.from({ length: reader.count }, (_, word) =>
    String.fromCharCode(...reader.codes.subarray(reader.starts[word], reader.ends[word])),
  );
}

function stem(word: string): string {
  const codes = Uint16Array.from(word, (letter) => letter.charCodeAt(0));
  return word.slice(0, stemEnd(codes, 0, word.length));
}

describe("WordReader", () => {
  test.each([
    ["Isn't it  GREAT?", ["isn", "t", "it", "great"]],
    ["has_close_elements(maxValue2)", ["has", "close", "elements", "max", "value", "2"]],
    ["Ærlig Straße, ΑΒΓ", ["ærlig", "straße", "αβγ"]],
    ["東京へ行く", ["東", "京", "へ", "行", "く"]],
    ["...", []],
    ["", []],
  ])("cuts %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test("marks numbers, capitals and the first word of a sentence", () => {
    const reader = new WordReader();
    reader.read("The cat, Tom, has 3. He sleeps");
    const { number, capital, sentenceStart } = wordMarks;
    const marks = [capital | sentenceStart, 0, capital, 0, number, capital | sentenceStart, 0];
    expect([...reader.marks.subarray(0, reader.count)]).toEqual(marks);
  });

  test("takes any text, and reads so much of it alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => wordsOf(text).length >= 0),
    );
    expect(wordsOf(`\ud800\0 a\udfff ${"😀 ".repeat(10)}`)).toContain("a\udfff");
    const reader = new WordReader();
    for (const unit of ["aB", "a ", "1a", "東", " ", "\ud83d"]) {
      const text = unit.repeat(50_000);
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        reader.read(text);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(500);
    }
    expect(wordsOf("a ".repeat(1e6))).toHaveLength(maxCharacters / 2);
  });
});

test("forms of a word share their stem", () => {
  expect(
    new Set(["calculate", "calculated", "calculating", "calculation", "calculations"].map(stem)).size,
  ).toBe(1);
  expect(["is", "this", "bees", "Ænder"].map(stem)).toEqual(["is", "this", "bees", "Ænder"]);
});
