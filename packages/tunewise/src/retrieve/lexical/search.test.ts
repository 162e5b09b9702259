import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Passage } from "../passages/passage.ts";
import { termsOf } from "../terms/lexicon.ts";
import { buildLexicalIndex } from "./index-of-words.ts";
import { defaultFeedback, expandQuery, searchLexical } from "./search.ts";
import { lexicalSettings } from "./settings.ts";

function passage(text: string, title = ""): Passage {
  return { document: "d", title, place: null, text };
}

/** Reference implementation: BM25F computed from the formula, passage by passage. */
function scored(passages: readonly Passage[], query: string, most: number, changed = {}) {
  const { k1, b, titleWeight, bodyWeight, language } = lexicalSettings(changed);
  const fields = passages.map(
    ({ title, text }) => [termsOf(title, language), termsOf(text, language)] as const,
  );
  const mean = (at: 0 | 1) => fields.reduce((sum, field) => sum + field[at].length, 0) / fields.length;
  const means = [mean(0), mean(1)];
  const part = (terms: readonly string[], term: string, at: 0 | 1, weight: number) => {
    if (terms.length === 0) return 0;
    const share = 1 - b + (b * terms.length) / (means[at] as number);
    return (weight * terms.filter((one) => one === term).length) / share;
  };
  const terms = termsOf(query, language);
  const frequencies = new Map(
    terms.map((term) => [
      term,
      fields.filter(([title, body]) => title.includes(term) || body.includes(term)).length,
    ]),
  );
  const hits = fields.map(([title, body], number) => {
    let score = 0;
    for (const term of terms) {
      const df = frequencies.get(term) as number;
      const c = part(title, term, 0, titleWeight) + part(body, term, 1, bodyWeight);
      score += (Math.log(1 + (fields.length - df + 0.5) / (df + 0.5)) * c * (k1 + 1)) / (k1 + c);
    }
    return { passage: number, score };
  });
  const kept = hits.filter(({ score }) => score > 0);
  return kept.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, most);
}

describe("search by words", () => {
  test("one term by hand: N 3, df 1, length 2 of a mean of 2", () => {
    const index = buildLexicalIndex(["red apple", "green pear", "blue plum"].map((text) => passage(text)));
    const [hit, ...others] = searchLexical(index, "apples", { most: 5 });
    expect(others).toEqual([]);
    expect(hit?.passage).toBe(0);
    expect(hit?.score).toBeCloseTo(Math.log(1 + 2.5 / 1.5), 6);
  });

  test("a word in the title counts what its weight says", () => {
    const passages = [
      passage("plum pear", "apple"),
      passage("apple plum", "pear"),
      passage("plum kiwi", "fig"),
    ];
    const top = (titleWeight: number) => {
      const index = buildLexicalIndex(passages, { titleWeight });
      return searchLexical(index, "apple", { most: 2 }).map((hit) => hit.passage);
    };
    expect(top(3)).toEqual([0, 1]);
    expect(top(0.2)).toEqual([1, 0]);
    expect(top(0)).toEqual([1]);
  });

  const word = fc.constantFrom(..."alpha beta gamma delta epsilon zeta eta theta iota kappa".split(" "));
  const text = (maxLength: number) => fc.array(word, { maxLength }).map((words) => words.join(" "));

  test("finds what adding up everything finds", () => {
    const cases = fc.record({
      passages: fc.array(fc.record({ title: text(3), text: text(12) }), { maxLength: 40 }),
      query: text(10),
      most: fc.integer({ min: 1, max: 8 }),
      settings: fc.record({
        k1: fc.constantFrom(0.4, 0.9, 2),
        b: fc.constantFrom(0, 0.4, 1),
        titleWeight: fc.constantFrom(0, 1, 2.5),
      }),
    });
    fc.assert(
      fc.property(cases, ({ passages, query, most, settings }) => {
        const all = passages.map((one) => passage(one.text, one.title));
        const found = searchLexical(buildLexicalIndex(all, settings), query, { most });
        const wanted = scored(all, query, all.length, settings);
        expect(found).toHaveLength(Math.min(most, wanted.length));
        const scoreOf = new Map(wanted.map((hit) => [hit.passage, hit.score]));
        found.forEach((hit, at) => {
          expect(hit.score).toBeCloseTo(scoreOf.get(hit.passage) as number, 4);
          expect(hit.score).toBeCloseTo(wanted[at]?.score as number, 4);
        });
      }),
      { numRuns: 150 },
    );
  });

  test("common words are left out of the count only where they change nothing", () => {
    const common = Array.from({ length: 12 }, (_, at) => `common${at}`);
    const passages = Array.from({ length: 3000 }, (_, at) => {
      const some = common.filter((_, which) => (at * 7 + which * 13) % 5 < 3);
      return passage(
        `${some.join(" ")} ${at % 40 === 0 ? "seldom" : "often"} ${at % 97 === 0 ? "rare" : ""} w${at}`,
      );
    });
    const index = buildLexicalIndex(passages);
    const query = `rare seldom often w97 ${common.join(" ")}`;
    const found = searchLexical(index, query, { most: 10 });
    const all = searchLexical(index, query, { most: 3000 });
    expect(found).toEqual(all.slice(0, 10));
    const wanted = scored(passages, query, 10);
    expect(found.map((hit) => hit.passage)).toEqual(wanted.map((hit) => hit.passage));
  });

  test("equal passages come in their order, and nothing is found for words that are not there", () => {
    const index = buildLexicalIndex(["kiwi", "plum", "plum", "plum"].map((text) => passage(text)));
    expect(searchLexical(index, "plum", { most: 2 }).map((hit) => hit.passage)).toEqual([1, 2]);
    expect(searchLexical(index, "the of cherry !?", { most: 2 })).toEqual([]);
    expect(searchLexical(buildLexicalIndex([]), "plum", { most: 2, feedback: defaultFeedback })).toEqual([]);
  });
});

describe("feedback", () => {
  test("adds the words of the first results, weighed by hand", () => {
    const index = buildLexicalIndex(["plum tree tree", "kiwi bush"].map((text) => passage(text)));
    const [plum, tree] = ["plum", "tree"].map((term) => index.terms.indexOf(term));
    const hits = [{ passage: 0, score: 2 }];
    const expanded = expandQuery(index, [{ term: plum as number, weight: 1 }], hits, defaultFeedback);
    // plum: 0.5 x 1 + 0.5 x 1/3; tree: 0.5 x 2/3
    expect(expanded.map(({ term }) => term)).toEqual([plum, tree]);
    expect(expanded.map(({ weight }) => weight)[0]).toBeCloseTo(0.5 + 0.5 / 3, 12);
    expect(expanded.map(({ weight }) => weight)[1]).toBeCloseTo(0.5 * (2 / 3), 12);
  });

  test("finds passages that share no word with the question", () => {
    const texts = ["car engine motor", "car engine motor", "motor oil", "tea cup", "green tea"];
    const index = buildLexicalIndex(texts.map((text) => passage(text)));
    const plain = searchLexical(index, "car", { most: 5 }).map((hit) => hit.passage);
    const wide = searchLexical(index, "car", { most: 5, feedback: defaultFeedback }).map(
      (hit) => hit.passage,
    );
    expect(plain).toEqual([0, 1]);
    expect(wide).toEqual([0, 1, 2]);
  });

  test("weighs words that all passages have next to nothing, and leaves out single letters", () => {
    const texts = Array.from(
      { length: 200 },
      (_, at) => `everywhere x ${at === 7 ? "needle thread" : `w${at}`}`,
    );
    const index = buildLexicalIndex(texts.map((text) => passage(text)));
    const needle = { term: index.terms.indexOf("needl"), weight: 1 };
    const added = expandQuery(index, [needle], [{ passage: 7, score: 1 }], defaultFeedback);
    expect(added.map(({ term }) => index.terms[term])).toEqual(["needl", "thread", "everywher"]);
    expect(added.at(-1)?.weight).toBeLessThan(0.001);
  });
});

test.each([
  { k1: 0 },
  { b: 1.5 },
  { titleWeight: -1 },
  { titleWeight: 0, bodyWeight: 0 },
  { words: 0 },
  { words: 10, overlap: 10 },
  { k1: Number.NaN },
  { language: "klingon" as "any" },
])("settings that make no sense are refused: %o", (changed) => {
  expect(() => buildLexicalIndex([], changed)).toThrow(/^Internal: no such settings/);
});
