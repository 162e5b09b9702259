/** @file Texts as words: the fast path and the exact one agree with each other and with other comparisons. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import { normalizeText } from "../dataset/index.ts";
import { NumberList } from "./number-list.ts";
import { WordScanner } from "./scan-words.ts";
import { Vocabulary } from "./vocabulary.ts";
import { type Words, wordsOf } from "./words.ts";

function sameWords({ ids, offsets }: Words, a: number, b: number): boolean {
  return `${ids.slice(offsets[a], offsets[a + 1])}` === `${ids.slice(offsets[b], offsets[b + 1])}`;
}
const equal = (a: string, b: string): boolean => sameWords(wordsOf(["x", a, b]), 1, 2);
const count = (text: string): number => wordsOf([text]).ids.length;

describe("wordsOf", () => {
  test("the quick path for ASCII and the exact one give the same", () => {
    const ascii = fc.string({ unit: fc.nat(127).map((code) => String.fromCharCode(code)), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(ascii), (texts) => {
        const [quick, exact] = [new NumberList(), new NumberList()];
        const vocabulary = new Vocabulary();
        const [one, two] = [new WordScanner(vocabulary, quick), new WordScanner(vocabulary, exact)];
        for (const text of texts) one.add(text);
        for (const text of texts) two.addExact(text);
        expect([...exact.view()]).toEqual([...quick.view()]);
      }),
    );
  });

  test("the same words as normalizeText gives, where scripts have spaces and marks stand on letters", () => {
    const letter = fc.constantFrom(..."aZé9ßΩжñ ٣,-'€\u0000ǅ");
    const text = fc.string({ unit: letter, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const normal = (one: string): string => normalizeText(one.normalize("NFKC"));
        expect(equal(a, b)).toBe(normal(a) === normal(b));
        expect(count(a)).toBe(normal(a) === "" ? 0 : normal(a).split(" ").length);
      }),
    );
  });

  test.each<[string, string, boolean]>([
    ["A b?", "a  B", true],
    ["ab", "a b", false],
    ["Ｈｅｌｌｏ", "hello", true],
    ["cafe\u0301", "café", true],
    ["good ❤\uFE0F", "good", true],
    ["你好 世界", "你好世界", true],
    ["GPT模型", "gpt 模 型", true],
    ["สวัสดี", "สวัสดี!", true],
    ["한국어 말", "한국어말", false],
    ["\uD800 a \uDC00", "a", true],
    ["𝒜bc", "abc", true],
  ])("%j and %j", (a, b, same) => {
    expect(equal(a, b)).toBe(same);
  });

  test("rarer words are smaller numbers, and carry more", () => {
    const words = wordsOf(["a b", "a c", "a b d"]);
    const [a, b] = [words.ids[0] as number, words.ids[1] as number];
    expect(b).toBeLessThan(a);
    expect([words.textsWith[a], words.textsWith[b]]).toEqual([3, 2]);
    expect(words.information[a]).toBeCloseTo(Math.log(4 / 3), 6);
    expect([...words.sorted.slice(4)]).toEqual([...words.ids.slice(4)].sort((x, y) => x - y));
  });

  test("long and broken texts cost no more than their length", () => {
    const marks = ["a", " ", "é", "\u0301", "\uD800", "字", "ﷺ", "\u0000", "a "];
    const read = (): void => {
      for (const one of marks) wordsOf([one.repeat(60_000)]);
    };
    expect(processorMs(read, 2000)).toBeLessThan(2000);
  });
});
