import { expect, test } from "vitest";
import { bootstrapInterval, resampled } from "./bootstrap.ts";
import { mulberry32 } from "./random.ts";
import { quantile } from "./summary.ts";

const values = Array.from({ length: 400 }, (_, i) => Math.sin(i * 12.9898) * 2 + 5);
const mean = (rows: Int32Array) => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length;

test("agrees with the normal interval of a mean", () => {
  const center = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
  const half = (1.96 * spread) / Math.sqrt(values.length);
  const interval = bootstrapInterval(values.length, mean, { seed: 3, draws: 4000 });
  expect(Math.abs((interval?.low ?? 0) - (center - half))).toBeLessThan(0.1 * half);
  expect(Math.abs((interval?.high ?? 0) - (center + half))).toBeLessThan(0.1 * half);
});

// matches numpy.quantile(values, share) with its default method
test.each([
  [[1, 2, 4, 8], 0, 1],
  [[1, 2, 4, 8], 1, 8],
  [[1, 2, 4, 8], 0.5, 3],
  [[1, 2, 4, 8], 0.4, 2.4],
  [[1, 2, 4, 8], 0.9, 6.8],
  [[5], 0.025, 5],
  [[-1, 3], 0.025, -0.9],
  [[1, Number.POSITIVE_INFINITY], 0, 1],
])("of %j the quantile of %d is %d", (sorted, share, value) => {
  expect(quantile(Float64Array.from(sorted), share)).toBeCloseTo(value, 12);
});

test("no value has no quantile", () => {
  expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
});

test("seed 1 draws what it has always drawn: intervals on record can be made again", () => {
  const drawn: number[][] = [];
  const picked: number[] = [];
  bootstrapInterval(
    2,
    (rows, pick) => {
      drawn.push([...rows]);
      if (drawn.length === 1) picked.push(pick(10));
      return 0;
    },
    { seed: 1, draws: 2 },
  );
  // mulberry32: 0.627, 0.003 | 0.527 | 0.981, 0.968
  expect({ drawn, picked }).toEqual({
    drawn: [
      [1, 0],
      [1, 1],
    ],
    picked: [5],
  });
});

test("the interval is that of 2.5 and 97.5 % of the draws that had a value", () => {
  let next = 0;
  const statistic = (): number => (next++ % 2 === 0 ? Number.NaN : 10 - next / 2); // 9, 8, ... 0
  expect(bootstrapInterval(3, statistic, { seed: 1, draws: 20 })).toEqual({
    low: expect.closeTo(0.225, 12),
    high: expect.closeTo(8.775, 12),
  });
  expect(next).toBe(20);
});

test("same seed, same bits; other seed, other draws", () => {
  const at = (seed: number): unknown => bootstrapInterval(values.length, mean, { seed, draws: 200 });
  expect(at(1)).toEqual(at(1));
  expect(at(1)).not.toEqual(at(2));
});

test("draws every row about equally often", () => {
  const seen = new Array<number>(10).fill(0);
  const count = (rows: Int32Array) => {
    for (const row of rows) seen[row] = (seen[row] ?? 0) + 1;
    return 0;
  };
  bootstrapInterval(10, count, { seed: 9, draws: 2000 });
  for (const times of seen) expect(Math.abs(times - 2000)).toBeLessThan(200);
});

const infinity = Number.POSITIVE_INFINITY;
test.each([
  { name: "constant", value: 2, interval: { low: 2, high: 2 } },
  { name: "nowhere defined", value: Number.NaN, interval: null },
  { name: "infinite", value: infinity, interval: { low: infinity, high: infinity } },
])("a statistic that is $name", ({ value, interval }) => {
  expect(bootstrapInterval(3, () => value, { seed: 1, draws: 50 })).toEqual(interval);
});

test("a resample has as many items, some of them twice", () => {
  const items = ["a", "b", "c", "d", "e", "f"];
  const drawn = resampled(items, mulberry32(1));
  // 0.627, 0.003, 0.527, 0.981, 0.968 and 0.281, each times six
  expect(drawn).toEqual(["d", "a", "d", "f", "f", "b"]);
  expect(resampled([], mulberry32(1))).toEqual([]);
});
