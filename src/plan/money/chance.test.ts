/** @file Numbers of chance against figures worked out by hand, and by their means. */
import { describe, expect, test } from "vitest";
import { type Chance, chanceFrom, lostRuns, normalFrom, poissonFrom } from "./chance.ts";

/** Gives these numbers in turn. */
function scripted(...numbers: number[]): Chance {
  let at = 0;
  return () => {
    const number = numbers[at++];
    if (number === undefined) throw new Error("more numbers were drawn than the test gives");
    return number;
  };
}

/** Mean and standard deviation of many draws. */
function measured(draw: () => number, count = 20_000): { readonly mean: number; readonly deviation: number } {
  const all = Array.from({ length: count }, draw);
  const mean = all.reduce((sum, value) => sum + value, 0) / count;
  return { mean, deviation: Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count) };
}

/** 1 - e^-2: a normal value drawn with it lies 2 from the middle. */
const twoAway = 1 - Math.exp(-2);
/** The second number of a normal value: on which side it lies. */
const [above, below] = [0, 0.5];

describe("chanceFrom", () => {
  // the reference program of mulberry32, as whole numbers of 2^-32
  test.each([
    [0, [1144304738, 1416247, 958946056, 627933444]],
    [1, [2693262067, 11749833, 2265367787, 4213581821]],
    [17, [2908338376, 827455176, 2282276500, 710698180]],
    [2 ** 32 - 1, [3850105811, 813802916, 3073704848, 4054706436]],
  ])("seed %d", (seed, expected) => {
    const chance = chanceFrom(seed);
    expect(expected.map(() => 2 ** 32 * chance())).toEqual(expected);
  });

  test("a seed counts by its last 32 bits", () => {
    expect(chanceFrom(-1)()).toBe(chanceFrom(2 ** 32 - 1)());
    expect(chanceFrom(2 ** 32 + 17)()).toBe(chanceFrom(17)());
  });
});

describe("normalFrom", () => {
  test.each([
    [twoAway, above, 2],
    [twoAway, below, -2],
    [twoAway, 0.25, 0],
    [twoAway, 0.125, Math.SQRT2],
    [0, above, 0],
  ])("%d and %d give %d", (first, second, expected) => {
    expect(normalFrom(scripted(first, second))).toBeCloseTo(expected, 12);
  });

  test("a mean of 0 and a deviation of 1", () => {
    const chance = chanceFrom(3);
    const { mean, deviation } = measured(() => normalFrom(chance));
    expect(mean).toBeCloseTo(0, 1);
    expect(deviation).toBeCloseTo(1, 1);
  });
});

describe("poissonFrom", () => {
  // with a mean of ln 2, numbers are multiplied until their product is one half or less
  test.each([
    [[0.4], 0],
    [[0.5], 0],
    [[0.6, 0.8], 1],
    [[0.9, 0.9, 0.9, 0.5], 3],
  ])("%j: %d events", (numbers, count) => {
    expect(poissonFrom(scripted(...numbers), Math.LN2)).toBe(count);
  });

  test("up to 64 events are drawn one by one, more as a normal value about the mean", () => {
    expect(poissonFrom(scripted(0), 64)).toBe(0);
    expect(poissonFrom(scripted(0, above), 65)).toBe(65);
    expect(poissonFrom(scripted(twoAway, above), 100)).toBe(120);
    expect(poissonFrom(scripted(twoAway, below), 100)).toBe(80);
  });

  test("there are never fewer than none", () => {
    expect(poissonFrom(scripted(1 - 2 ** -53, below), 65)).toBe(0);
  });

  test.each([0, 0.5, 4, 60, 200])("%d events on average, with the deviation of its root", (expected) => {
    const chance = chanceFrom(7);
    const { mean, deviation } = measured(() => poissonFrom(chance, expected), 4_000);
    expect(mean / (expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 1);
    expect(deviation / Math.sqrt(expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 1);
  });
});

describe("lostRuns", () => {
  test("every number below the rate is a lost run, and the next one is the share of it that ran", () => {
    const chance = scripted(0.4, 0.3, 0.6, 0.1, 0.7, 0.2, 0.05, 0.5);
    expect(lostRuns(chance, 2, 0.5)).toBeCloseTo(0.3 + 0.7 + 0.05, 12);
  });

  test("where nothing breaks, nothing is drawn: the luck of what comes later stays the same", () => {
    expect(lostRuns(scripted(), 10, 0)).toBe(0);
    expect(lostRuns(scripted(), 100, 0)).toBe(0);
    expect(lostRuns(scripted(), 0, 0.5)).toBe(0);
  });

  test("up to 64 runs are drawn one by one", () => {
    expect(lostRuns(scripted(...new Array<number>(64).fill(0.9)), 64, 0.5)).toBe(0);
  });

  // 72 runs at a rate of one half: 72 are lost, with a deviation of sqrt(72 / 0.5) = 12, half a run each
  test.each([
    [0, 72, 0.5, above, 36],
    [twoAway, 72, 0.5, above, 48],
    [twoAway, 72, 0.5, below, 24],
    [0, 100, 0.2, above, 12.5],
    [twoAway, 65, 0.01, below, 0],
  ])("more as a normal value: %d, %d runs, rate %d", (first, runs, rate, side, expected) => {
    expect(lostRuns(scripted(first, side), runs, rate)).toBeCloseTo(expected, 9);
  });

  test("half a run each on average: rate / (1 - rate) / 2", () => {
    const chance = chanceFrom(5);
    const mean = (runs: number, rate: number): number =>
      measured(() => lostRuns(chance, runs, rate), 5_000).mean;
    expect(mean(10, 0.2)).toBeCloseTo((10 * 0.2) / 0.8 / 2, 1);
    expect(mean(100, 0.2) / ((100 * 0.2) / 0.8 / 2)).toBeCloseTo(1, 1);
  });
});
