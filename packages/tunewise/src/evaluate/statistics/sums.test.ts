/** @file Tests the numbering of groups in order of appearance, and sums over groups. */
import { expect, test } from "vitest";
import { numberGroups, sumGroups } from "./sums.ts";

test("groups are numbered in the order in which they appear; 1 and the text 1 are two groups", () => {
  expect(numberGroups(["b", "a", "b", "c", "a"])).toEqual({ of: Int32Array.of(0, 1, 0, 2, 1), count: 3 });
  expect(numberGroups([1, "1", 1])).toEqual({ of: Int32Array.of(0, 1, 0), count: 2 });
  expect(numberGroups([])).toEqual({ of: new Int32Array(0), count: 0 });
});

test("sums and sizes by group", () => {
  expect(sumGroups([1, 2, 4, 8], ["b", "a", "b", "b"])).toEqual({
    sums: Float64Array.of(13, 2),
    sizes: Float64Array.of(3, 1),
  });
});

test("without groups every row stands for itself", () => {
  expect(sumGroups([0.5, 0, -1], null)).toEqual({
    sums: Float64Array.of(0.5, 0, -1),
    sizes: Float64Array.of(1, 1, 1),
  });
});
