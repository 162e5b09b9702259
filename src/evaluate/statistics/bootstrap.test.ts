import { expect, test } from "vitest";
import { bootstrapInterval } from "./bootstrap.ts";

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
