import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffWords } from "./word-diff.ts";

/** `same`, `[-missing-]`, `{+added+}` */
function marked(reference: string, answer: string): string | null {
  const parts = diffWords(reference, answer);
  const write = { same: (text: string) => text, missing: (text: string) => `[-${text}-]`, added: added };
  return parts?.map(({ kind, text }) => write[kind](text)).join("") ?? null;
}

function added(text: string): string {
  return `{+${text}+}`;
}

const cases: [string, string, string | null][] = [
  ["a b c", "a b c", "a b c"],
  ["a b c", "a x c", "a [-b-]{+x+} c"],
  ["a b", "a b c", "a b{+ c+}"],
  ['{"u": "high"}', '{"u": "low"}', '{"u": "[-high-]{+low+}"}'],
  ["Größe 5", "Größe 6", "Größe [-5-]{+6+}"],
  ["the cat sat", "entirely other words here now", null],
  ["", "", ""],
  ["a", "", null],
  ["a ".repeat(700), "a ".repeat(700), null],
  ["x".repeat(20_000), "x", null],
];

describe("diffWords", () => {
  it.each(cases)("%.20j and %.20j", (reference, answer, expected) => {
    expect(marked(reference, answer)).toBe(expected);
  });

  it("gives back both texts, whatever they are", () => {
    const word = fc.constantFrom("a", "b", "c", " ", "\n", ",", "é", "😀", "<b>");
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(""));
    fc.assert(
      fc.property(text, text, (reference, answer) => {
        const parts = diffWords(reference, answer);
        if (parts === null) return;
        const without = (kind: string): string =>
          parts.map((part) => (part.kind === kind ? "" : part.text)).join("");
        expect([without("added"), without("missing")]).toEqual([reference, answer]);
      }),
    );
  });
});
