/** @file Seeded numbers: those of the published generator, and what they are as a distribution. */
import { describe, expect, test } from "vitest";
import { normalFrom, randomFrom } from "./random.ts";

// The author's program in C, run by hand in 32-bit arithmetic: the same seed has to give the same draws for years,
// because intervals and decisions on record were made with them.
test.each([
  [0, [1144304738, 1416247, 958946056, 627933444]],
  [1, [2693262067, 11749833, 2265367787, 4213581821]],
  [2 ** 32 - 1, [3850105811, 813802916, 3073704848, 4054706436]],
  [-1, [3850105811, 813802916, 3073704848, 4054706436]],
])("seed %i gives the numbers of mulberry32", (seed, words) => {
  const random = randomFrom(seed);
  expect(words.map(() => random() * 2 ** 32)).toEqual(words);
});

test("numbers are uniform in [0, 1)", () => {
  const random = randomFrom(5);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 50_000; i++) {
    const at = Math.floor(random() * 10);
    tenths[at] = (tenths[at] ?? 0) + 1;
  }
  expect(tenths).toHaveLength(10);
  for (const count of tenths) expect(Math.abs(count - 5000)).toBeLessThan(4 * Math.sqrt(4500));
});

describe("normal numbers", () => {
  // radius sqrt(-2 ln(1 - u)), angle 2 pi v
  test.each([
    [0, 0.3, 0],
    [1 - Math.exp(-0.5), 0, 1],
    [1 - Math.exp(-0.5), 0.5, -1],
    [1 - Math.exp(-2), 1 / 6, 1],
    [1 - Math.exp(-2), 0.25, 0],
  ])("of %d and %d is %d", (first, second, normal) => {
    const numbers = [first, second];
    expect(normalFrom(() => numbers.shift() ?? Number.NaN)).toBeCloseTo(normal, 12);
  });

  test("have mean 0, variance 1 and 5 % beyond 1.96", () => {
    const random = randomFrom(8);
    const values = Array.from({ length: 20_000 }, () => normalFrom(random));
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(values.reduce((sum, one) => sum + one ** 2, 0) / values.length).toBeCloseTo(1, 1);
    const beyond = values.filter((one) => Math.abs(one) > 1.96).length / values.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.006);
  });
});
