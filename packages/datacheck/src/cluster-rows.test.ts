/** @file Clusters, splits that keep groups together, and groups and times that cross a split. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clustersOf } from "./cluster-rows.ts";
import { splitByGroup } from "./dataset/index.ts";
import { groupsAcross, rowsBeforeNewest } from "./near/observe-groups.ts";

test("rows joined by pairs, over any number of steps, are one cluster named by its first row", () => {
  const pairs = { row: Uint32Array.of(5, 4, 2), other: Uint32Array.of(4, 1, 0) };
  expect([...clustersOf(6, pairs)]).toEqual([0, 1, 0, 3, 1, 1]);
});

test("a chain of 200,000 rows is one cluster, from either end", () => {
  const [up, down] = [Uint32Array.from({ length: 199_999 }, (_, at) => at), new Uint32Array(199_999)];
  for (const [at, row] of up.entries()) down[at] = row + 1;
  for (const pairs of [
    { row: down, other: up },
    { row: up.toReversed(), other: down.toReversed() },
  ]) {
    expect(clustersOf(200_000, pairs).every((name) => name === 0)).toBe(true);
  }
});

describe("splitByGroup", () => {
  const countOf = (parts: Uint8Array, part: number): number => parts.filter((one) => one === part).length;

  test("no group is torn, and the same seed gives the same parts", () => {
    const groups = fc.array(fc.nat(20), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(groups, fc.nat(1000), (groupOf, seed) => {
        const parts = splitByGroup(groupOf.length, groupOf, [0.7, 0.2, 0.1], seed);
        const seen = new Map<number, number>();
        for (const [row, group] of groupOf.entries()) {
          expect(seen.get(group) ?? parts[row]).toBe(parts[row]);
          seen.set(group, parts[row] as number);
        }
        expect(splitByGroup(groupOf.length, groupOf, [0.7, 0.2, 0.1], seed)).toEqual(parts);
      }),
    );
  });

  test.each<[string, (row: number) => number, number[]]>([
    ["single rows", (row) => row, [800, 100, 100]],
    ["pairs", (row) => row >> 1, [800, 100, 100]],
    ["one group of 600", (row) => (row < 600 ? 0 : row), [800, 100, 100]],
    ["one group of 950", (row) => (row < 950 ? 0 : row), [950, 25, 25]],
    ["ten groups of 40", (row) => (row < 400 ? -1 - Math.floor(row / 40) : row), [800, 100, 100]],
  ])("%s: %j rows", (_, groupOf, expected) => {
    const groups = Array.from({ length: 1000 }, (_, row) => groupOf(row));
    const parts = splitByGroup(1000, groups, [0.8, 0.1, 0.1], 7);
    const counts = [0, 1, 2].map((part) => countOf(parts, part));
    for (const [part, count] of counts.entries()) {
      expect(Math.abs(count - (expected[part] as number))).toBeLessThanOrEqual(13);
    }
    expect(counts.reduce((sum, one) => sum + one)).toBe(1000);
  });

  test("small parts get groups too, and another seed gives others", () => {
    const groups = Array.from({ length: 1000 }, (_, row) => row >> 2);
    const parts = splitByGroup(1000, groups, [0.8, 0.2], 1);
    expect(countOf(parts, 1)).toBe(200);
    expect(splitByGroup(1000, groups, [0.8, 0.2], 2)).not.toEqual(parts);
    const mixed = Array.from({ length: 1000 }, (_, row) => (row < 500 ? -1 - (row >> 2) : row));
    const inTest = splitByGroup(1000, mixed, [0.8, 0.2], 3).slice(0, 500);
    expect(countOf(inTest, 1)).toBeGreaterThan(40);
  });

  test("a share of nothing gets nothing; no share at all is refused", () => {
    expect([...splitByGroup(3, [0, 1, 2], [1, 0], 1)]).toEqual([0, 0, 0]);
    expect(() => splitByGroup(1, [0], [0], 1)).toThrow(RangeError);
    expect(() => splitByGroup(2, [0], [1], 1)).toThrow(RangeError);
  });
});

test("groups on both sides are told with the first row of the earliest part", () => {
  const groups = ["a", "b", null, "b", "a", "", "c", "__proto__", "__proto__"];
  const part = Uint8Array.of(1, 0, 0, 1, 2, 1, 2, 0, 2);
  expect(groupsAcross(groups, part)).toEqual([
    { row: 3, other: 1 },
    { row: 4, other: 0 },
    { row: 8, other: 7 },
  ]);
});

test("held-out rows older than the newest training row; unknown times count for nothing", () => {
  const part = Uint8Array.of(0, 0, 2, 2, 2, 1);
  const times = Float64Array.of(10, 20, 19, 20, Number.NaN, 5);
  expect(rowsBeforeNewest(times, part, 2)).toEqual({ newest: 1, rows: Uint32Array.of(2), timed: 2 });
  expect(rowsBeforeNewest(new Float64Array(6).fill(Number.NaN), part, 2).rows.length).toBe(0);
});
