import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDocument } from "../documents/read-document.ts";
import type { SourceDocument } from "../documents/source-document.ts";
import { countWords } from "../terms/words.ts";
import { cutPassages } from "./cut-passages.ts";

async function documentOf(text: string, name = "a.md"): Promise<SourceDocument> {
  const { document } = await readDocument(name, new TextEncoder().encode(text));
  if (document === null) throw new Error("no document");
  return document;
}

async function cut(text: string, words: number, overlap = 0, name = "a.md"): Promise<string[]> {
  const passages = cutPassages(await documentOf(text, name), { words, overlap });
  return passages.map(
    ({ title, place, text: own }) => `${title} ${place?.number}: ${own.replaceAll("\n", "~")}`,
  );
}

describe("passages", () => {
  test("keep to headings, and pieces that fit together stand together", async () => {
    const text = "# A\none two\n\nthree\n- four\n- five\n\n## B\n## C\nsix\n# D";
    expect(await cut(text, 10)).toEqual([
      "A 2: one two~~three~~four~five",
      "A 8: B",
      "A > C 10: six",
      " 11: D",
    ]);
    expect(await cut(text, 3)).toEqual([
      "A 2: one two~~three",
      "A 5: four~five",
      "A 8: B",
      "A > C 10: six",
      " 11: D",
    ]);
  });

  test("cut long paragraphs between sentences and repeat what fits into the overlap", async () => {
    const text = "One two three. Four five. Six seven eight nine! Ten?";
    expect(await cut(text, 6)).toEqual([" 1: One two three. Four five.", " 1: Six seven eight nine! Ten?"]);
    expect(await cut(text, 6, 2)).toEqual([
      " 1: One two three. Four five.",
      " 1: Four five. Six seven eight nine!",
      " 1: Ten?",
    ]);
  });

  test("cut between words only where a sentence is too long, and inside text without spaces", async () => {
    expect(await cut("a b c d e f g", 3)).toEqual([" 1: a b c", " 1: d e f", " 1: g"]);
    expect(await cut("a b c d e f", 3, 1)).toEqual([" 1: a b c", " 1: c d e", " 1: e f"]);
    expect(await cut("手機殼好手機殼好", 2)).toEqual([" 1: 手機殼好", " 1: 手機殼好"]);
  });

  test("leave code whole where it fits, and cut it between lines", async () => {
    const text = "intro words\n```\na b\nc d\ne f\n```";
    expect(await cut(text, 7)).toEqual([" 1: intro words", " 2: a b~c d~e f"]);
    expect(await cut(text, 4)).toEqual([" 1: intro words~~a b", " 2: c d~e f"]);
  });

  test("are the rows of a table file, however long", async () => {
    expect(await cut("title,body\nT,a b c d e f\n,g", 2, 0, "a.csv")).toEqual([
      "T 1: body: a b c d e f",
      " 2: body: g",
    ]);
  });

  test("hold every word in its order, none too many", async () => {
    const word = fc.constantFrom("alpha", "beta.", "gamma;", "delta!", "手機殼", "epsilon");
    const paragraph = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(" "));
    const rules = fc
      .integer({ min: 1, max: 12 })
      .chain((words) =>
        fc.record({ words: fc.constant(words), overlap: fc.integer({ min: 0, max: words - 1 }) }),
      );
    const text = fc.array(paragraph, { minLength: 1, maxLength: 6 }).map((all) => all.join("\n\n"));
    await fc.assert(
      fc.asyncProperty(text, rules, async (all, { words, overlap }) => {
        const passages = cutPassages(await documentOf(all, "a.txt"), { words, overlap });
        for (const passage of passages) expect(countWords(passage.text)).toBeLessThanOrEqual(words + 1);
        const squeezed = (one: string) => one.replaceAll(/\s+/g, "");
        const plain = cutPassages(await documentOf(all, "a.txt"), { words, overlap: 0 });
        expect(squeezed(plain.map((passage) => passage.text).join(""))).toBe(squeezed(all));
        for (const passage of passages) expect(squeezed(all)).toContain(squeezed(passage.text));
      }),
      { numRuns: 100 },
    );
  });
});
