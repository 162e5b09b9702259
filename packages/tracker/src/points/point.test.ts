/** @file Which of two points is later, and how numbers are stored that a database or its driver would change. */
import { describe, expect, test } from "vitest";
import { isLater, numberColumns, numberOf, type Point, pointFrom } from "./point.ts";

describe("a point", () => {
  const base: Point = { step: 2, ms: 2, value: 2 };

  test.each<[Partial<Point>, Partial<Point>, boolean]>([
    [{ step: 3 }, {}, true],
    [{ step: 1, ms: 9, value: 9 }, {}, false],
    [{ ms: 3 }, {}, true],
    [{ ms: 1, value: 9 }, {}, false],
    [{ value: 3 }, {}, true],
    [{}, {}, false],
    [{ value: 1 }, {}, false],
    [{ value: 1 }, { value: Number.NaN }, true],
    [{ value: Number.NaN }, {}, false],
  ])("%j is later than %j: %s", (a, b, expected) => {
    expect(isLater({ ...base, ...a }, { ...base, ...b })).toBe(expected);
  });

  test.each([
    [1.5, [1.5, ""]],
    [0, [0, ""]],
    [1e-15, [1e-15, ""]],
    [-1e-15, [-1e-15, ""]],
    [9e-16, [0, "9e-16"]],
    [Number.NaN, [0, "NaN"]],
    [Number.POSITIVE_INFINITY, [Number.MAX_VALUE, "Infinity"]],
    [Number.NEGATIVE_INFINITY, [-Number.MAX_VALUE, "-Infinity"]],
  ])("%d is kept as %j", (value, columns) => {
    expect(numberColumns(value)).toEqual(columns);
  });

  test.each([
    0,
    1.5,
    -2.25,
    9e-16,
    -3e-300,
    5e-324,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -Infinity,
    1.7e308,
  ])("%d is read as it was written", (value) => {
    const [kept, special] = numberColumns(value);
    expect(pointFrom({ step: 3, ms: 4, value: kept, special })).toEqual({ step: 3, ms: 4, value });
    expect(numberOf({ last_value: kept, last_special: special }, "last_value", "last_special")).toBe(value);
  });

  test("a number that no column can hold is no infinity, and its columns compare as it does", () => {
    const values = [Number.NEGATIVE_INFINITY, -1e308, -1e-15, 0, 1e-15, 1e308, Number.POSITIVE_INFINITY];
    const kept = values.map((value) => numberColumns(value)[0]);
    expect([...kept].sort((a, b) => a - b)).toEqual(kept);
    expect(new Set(kept).size).toBe(values.length);
  });
});
