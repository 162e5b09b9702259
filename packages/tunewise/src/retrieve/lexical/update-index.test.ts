import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SourceDocument } from "../documents/source-document.ts";
import { decodeIndex, encodeIndex } from "../stored/stored-index.ts";
import { searchLexical } from "./search.ts";
import { isIndexed, updateIndex } from "./update-index.ts";

function documentOf(name: string, text: string): SourceDocument {
  const place = { unit: "line", number: 1 } as const;
  const blocks = text.split("|").map((one) => ({ kind: "text" as const, text: one, place }));
  return {
    name,
    kind: "text",
    hash: Buffer.from(text).toString("hex"),
    sections: [{ headings: [name], place, blocks }],
  };
}

const word = fc.constantFrom(..."red green blue apple apples pear the 手機殼 | naïve".split(" "));
const document = fc
  .record({ name: fc.constantFrom("a", "b", "c"), words: fc.array(word, { minLength: 1, maxLength: 30 }) })
  .map(({ name, words }) => documentOf(name, words.join(" ")));
const documents = fc.uniqueArray(document, { maxLength: 3, selector: ({ name }) => name });

describe("an updated index", () => {
  test("equals one that is built from nothing, to the bit", () => {
    const settings = fc.constantFrom(
      {},
      { words: 4, overlap: 1 },
      { k1: 2, titleWeight: 3 },
      { language: "any" as const },
    );
    fc.assert(
      fc.property(documents, documents, settings, settings, (before, after, first, second) => {
        const old = decodeIndex(encodeIndex(updateIndex(null, before, first)));
        const known = after.map((one) =>
          isIndexed(old, one, second) ? { name: one.name, hash: one.hash } : one,
        );
        const updated = updateIndex(old, known, second);
        const fresh = updateIndex(null, after, second);
        expect(updated).toEqual(fresh);
        expect(Buffer.compare(encodeIndex(updated), encodeIndex(fresh))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("names what it lacks", () => {
    const old = updateIndex(null, [documentOf("a", "red")]);
    expect(isIndexed(old, documentOf("a", "red"))).toBe(true);
    expect(isIndexed(old, documentOf("a", "blue"))).toBe(false);
    expect(isIndexed(old, documentOf("a", "red"), { words: 9, overlap: 0 })).toBe(false);
    expect(() => updateIndex(old, [{ name: "b", hash: "00" }])).toThrow(
      "Internal: the old index does not have b",
    );
  });

  test("says which passages are of which document", () => {
    const index = updateIndex(null, [documentOf("a", "red|green"), documentOf("b", "blue")], {
      words: 1,
      overlap: 0,
    });
    expect(index.documents.map(({ name, first, count }) => [name, first, count])).toEqual([
      ["a", 0, 2],
      ["b", 2, 1],
    ]);
    const [hit] = searchLexical(index, "blue", { most: 1 });
    expect(index.passages[hit?.passage ?? -1]).toEqual({
      document: "b",
      title: "b",
      text: "blue",
      place: { unit: "line", number: 1 },
    });
  });
});
