import fc from "fast-check";
import { expect, test } from "vitest";
import { buildDenseIndex, searchDense } from "./dense-index.ts";

/** Reference implementation: exhaustive search by cosine. */
function nearest(vectors: Float32Array, size: number, query: Float32Array, most: number) {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const all = Array.from({ length: vectors.length / size }, (_, passage) => {
    const row = vectors.subarray(passage * size, (passage + 1) * size);
    const lengths = norm(row) * norm(query);
    const dot = row.reduce((sum, value, j) => sum + value * (query[j] as number), 0);
    return { passage, score: lengths === 0 ? 0 : dot / lengths };
  });
  return all.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, most);
}

test("the nearest by hand", () => {
  const index = buildDenseIndex(Float32Array.of(1, 0, 0, 1, 3, 4, 0, 0), 2);
  expect(searchDense(index, Float32Array.of(0, 2), 4)).toEqual([
    { passage: 1, score: 1 },
    { passage: 2, score: 0.8 },
    { passage: 0, score: 0 },
    { passage: 3, score: 0 },
  ]);
});

test("finds what comparing with every vector finds, ties and zeros included", () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }),
  );
  const cases = fc.integer({ min: 1, max: 40 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      rows: fc.array(fc.array(number, { minLength: size, maxLength: size }), { maxLength: 60 }),
      query: fc.array(number, { minLength: size, maxLength: size }),
      most: fc.integer({ min: 1, max: 12 }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ size, rows, query, most }) => {
      const vectors = Float32Array.from(rows.flat());
      const wanted = nearest(vectors, size, Float32Array.from(query), most);
      const found = searchDense(buildDenseIndex(vectors, size), Float32Array.from(query), most);
      expect(found).toEqual(wanted);
    }),
    { numRuns: 150 },
  );
});

test("vectors that differ less than their codes tell are still told apart", () => {
  const size = 64;
  const vectors = Float32Array.from({ length: 500 * size }, (_, at) => 1 + Math.sin(at * 12.9898) * 1e-4);
  const query = Float32Array.from({ length: size }, (_, at) => 1 + Math.cos(at) * 1e-2);
  expect(searchDense(buildDenseIndex(vectors, size), query, 10)).toEqual(nearest(vectors, size, query, 10));
});

test.each([
  ["no whole vectors", () => buildDenseIndex(new Float32Array(7), 2)],
  ["vectors of no size", () => buildDenseIndex(new Float32Array(0), 0)],
  ["not a number", () => buildDenseIndex(Float32Array.of(1, Number.NaN), 2)],
  ["infinity", () => buildDenseIndex(Float32Array.of(1, Number.POSITIVE_INFINITY), 2)],
  [
    "a query of another size",
    () => searchDense(buildDenseIndex(new Float32Array(4), 2), new Float32Array(3), 1),
  ],
  [
    "a query that is not finite",
    () => searchDense(buildDenseIndex(new Float32Array(2), 2), Float32Array.of(1, Number.NaN), 1),
  ],
])("refuses %s", (_, work) => {
  expect(work).toThrow(/^Internal: /);
});

test("an index of nothing finds nothing", () => {
  expect(searchDense(buildDenseIndex(new Float32Array(0), 8), new Float32Array(8), 3)).toEqual([]);
});
