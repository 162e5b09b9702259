/** @file A block keeps the first, last, lowest and highest of its points, and round-trips as text. */
import { describe, expect, test } from "vitest";
import { blockText, pointsInBlocks, pointsOfBlock, readBlock, withPoint } from "./block.ts";
import type { Point } from "./point.ts";

describe("a block", () => {
  const point = (step: number, ms: number, value: number): Point => ({ step, ms, value });
  const of = (...all: Point[]) => all.reduce<ReturnType<typeof withPoint> | null>(withPoint, null);

  test("keeps its ends by step, then time, and its extremes among finite values, the first of equals", () => {
    const [a, b, c, d] = [point(5, 9, 2), point(3, 7, Number.NaN), point(5, 8, 2), point(3, 6, -1)];
    const block = of(a, b, c, d);
    expect(block).toEqual({ count: 4, first: d, last: a, low: d, high: a, fromMs: 6, toMs: 9 });
    expect(of(b)).toMatchObject({ low: null, high: null, count: 1 });
    expect(of(b, a)).toMatchObject({ low: a, high: a });
    expect(of(a, point(6, 1, 2))).toMatchObject({ low: a, high: a, last: { step: 6 }, fromMs: 1 });
  });

  test("is read back as it was written", () => {
    const block = of(point(1, 2, Number.POSITIVE_INFINITY), point(2, 3, 0.25), point(3, 4, Number.NaN));
    expect(readBlock(blockText(block))).toEqual(block);
    expect([readBlock(""), blockText(null), pointsOfBlock(null)]).toEqual([null, "", []]);
    expect(pointsOfBlock(of(point(1, 2, Number.NaN)))).toHaveLength(2);
    expect(pointsInBlocks([blockText(of(point(1, 2, Number.NaN)))])).toHaveLength(2);
    expect(pointsInBlocks([blockText(block)]).map(({ step }) => step)).toEqual([1, 2, 2, 3]);
  });

  test.each<[string, Point, Point, Point, Point]>([
    ["a later step ends it", point(3, 5, 1), point(4, 1, 2), point(3, 5, 1), point(4, 1, 2)],
    ["an earlier step begins it", point(3, 5, 1), point(2, 9, 2), point(2, 9, 2), point(3, 5, 1)],
    ["a later time of the same step ends it", point(3, 5, 1), point(3, 6, 2), point(3, 5, 1), point(3, 6, 2)],
    [
      "an earlier time of the same step begins it",
      point(3, 5, 1),
      point(3, 4, 2),
      point(3, 4, 2),
      point(3, 5, 1),
    ],
    [
      "what was logged later of one instant ends it",
      point(3, 5, 1),
      point(3, 5, 2),
      point(3, 5, 1),
      point(3, 5, 2),
    ],
  ])("%s", (_, a, b, first, last) => {
    expect(of(a, b)).toMatchObject({ first, last });
  });

  test("counts finite values alone among its extremes, zero included", () => {
    const [low, high] = [point(2, 2, -3), point(3, 3, 0)];
    const infinite = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value, at) =>
      point(9 + at, 9, value),
    );
    expect(of(...infinite, low, high)).toMatchObject({ low, high, count: 4 });
    expect(of(point(1, 1, 0))).toMatchObject({ low: { value: 0 }, high: { value: 0 } });
  });

  test("is short text: numbers as such, those that JSON lacks by name", () => {
    const [a, b] = [point(1, 20, 0.5), point(2, 10, Number.NEGATIVE_INFINITY)];
    expect(blockText(of(a, b))).toBe('[2,10,20,[1,20,0.5],[2,10,"-Infinity"],[1,20,0.5],[1,20,0.5]]');
  });

  test("gives its points as first, lowest, highest, last, of many as of one", () => {
    const [first, low, high, last] = [point(1, 1, 2), point(2, 2, -5), point(3, 3, 7), point(4, 4, 1)];
    const block = of(first, low, high, last);
    expect(pointsOfBlock(block)).toEqual([first, low, high, last]);
    const text = blockText(block);
    expect(pointsInBlocks([text, blockText(of(last)), text])).toEqual([
      ...[first, low, high, last, last, last, last, last],
      ...[first, low, high, last],
    ]);
    expect(pointsInBlocks([])).toEqual([]);
  });
});
