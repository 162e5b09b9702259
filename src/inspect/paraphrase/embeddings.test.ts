import { expect, test } from "vitest";
import { nearestVectors } from "./embeddings.ts";

test("finds the vector of the highest cosine, across blocks, whatever the lengths", () => {
  const width = 600;
  const known = Float32Array.from({ length: 300 * width }, (_, at) => Math.sin(at * at + 1));
  const held = Float32Array.of(
    ...known.subarray(251 * width, 252 * width).map((value) => 3 * value),
    ...known.subarray(0, width),
    ...new Float32Array(width),
  );
  const found = nearestVectors({ values: held, width }, { values: known, width }, 0.5);
  expect(found.map(({ row, other }) => [row, other])).toEqual([
    [0, 251],
    [1, 0],
  ]);
  for (const { cosine } of found) expect(cosine).toBeCloseTo(1, 5);
});

test("vectors that are no numbers, and other widths, are near to none", () => {
  const bad = { values: Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, 0), width: 2 };
  const good = { values: Float32Array.of(1, 0), width: 2 };
  expect(nearestVectors(bad, good, -1)).toEqual([]);
  expect(nearestVectors(good, bad, -1)).toEqual([]);
  expect(nearestVectors(good, { ...good, width: 1 }, -1)).toEqual([]);
});
