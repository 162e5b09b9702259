import fc from "fast-check";
import { expect, test } from "vitest";
import { cosineOf } from "./sparse-vector.ts";
import { indexWords } from "./word-index.ts";
import { WordQuery } from "./word-query.ts";
import { WordReader } from "./word-reader.ts";
import { WordVectors } from "./word-vectors.ts";

const text = fc
  .array(fc.constantFrom(..."abcdefghij"), { minLength: 1, maxLength: 8 })
  .map((words) => words.join(" "));

test("the nearest row of the index is that of comparing all, wherever its cosine is over the limit", () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), text, (known, asked) => {
      const index = indexWords(known, new WordReader());
      const query = new WordQuery(index, { minCosine: 0.3, entriesAtMost: 1e6 });
      const vectors = new WordVectors(index);
      query.find(asked, -1);
      const cosines = known.map((row) => cosineOf(vectors.of(row), vectors.of(asked)));
      const best = Math.max(...cosines);
      expect(query.cutShort).toBe(0);
      if (best < 0.3 + 1e-6) return;
      expect(query.cosines[0]).toBeCloseTo(best, 5);
      expect(cosines[query.rows[0] ?? -1]).toBeCloseTo(best, 5);
    }),
  );
});

test("a known row does not find itself, and what it alone has counts as unknown", () => {
  const known = ["red green blue", "red green pink", "one two three"];
  const index = indexWords(known, new WordReader());
  const query = new WordQuery(index, { minCosine: 0.1, entriesAtMost: 1e6 });
  query.find(known[0] ?? "", 0);
  expect([...query.rows.subarray(0, query.found)]).toEqual([1]);
  const cosine = query.cosines[0] ?? 1;
  query.find(known[0] ?? "", -1);
  expect(query.cosines[1]).not.toBe(cosine);
});

test("says when the limit of entries ends a search", () => {
  const index = indexWords(
    Array.from({ length: 50 }, (_, row) => `the same ${row}`),
    new WordReader(),
  );
  const query = new WordQuery(index, { minCosine: 0.1, entriesAtMost: 10 });
  query.find("the same thing", -1);
  expect(query.cutShort).toBe(1);
});
