/** @file Random draws shared by all machines: means, spreads and bounds; and ranges compared with their points. */

import { mulberry32, type Random, randomNormal } from "@tunewise/core/math";
import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { certain } from "../range-arithmetic.ts";
import type { SpendAssumptions } from "./assumptions.ts";
import { type Draws, drawOutcomes, lostRuns, outcomesOf } from "./draws.ts";

function draw(change: Partial<SpendAssumptions>): Draws {
  const nothing = usd(0);
  return drawOutcomes({
    seeds: 1,
    trials: 0,
    trialShare: 0.4,
    failureRate: 0,
    retrainsPerYear: 0,
    outcomes: 5_000,
    seed: 17,
    dataUsd: nothing,
    baselinesUsd: nothing,
    storageUsd: nothing,
    hostingUsd: nothing,
    ...change,
  });
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

describe("drawOutcomes", () => {
  test("one value of each kind per outcome", () => {
    const { count, ...kinds } = draw({ outcomes: 12 });
    expect(count).toBe(12);
    expect(Object.values(kinds).map(({ length }) => length)).toEqual(new Array(7).fill(12));
  });

  test("training, judging, start and rework are each normal, and each their own luck", () => {
    const { train, judge, start, rework } = draw({});
    const normals = [train, judge, start, rework];
    for (const values of normals) {
      expect(meanOf(values)).toBeCloseTo(0, 1);
      expect(deviationOf(values)).toBeCloseTo(1, 1);
    }
    expect(new Set(normals.map(([first]) => first)).size).toBe(4);
  });

  // one share of 0.4 has a variance of 0.4 x 0.6 / 7; the sum of n shares has n times that
  test.each([
    [20, 0.4, 8, Math.sqrt((20 * 0.24) / 7)],
    [100, 0.4, 40, Math.sqrt((100 * 0.24) / 7)],
    [100, 0.9, 90, Math.sqrt((100 * 0.09) / 7)],
  ])("%d trials that run by %d come to %d whole trainings", (trials, trialShare, mean, deviation) => {
    const { searched } = draw({ trials, trialShare });
    expect(meanOf(searched) / mean).toBeCloseTo(1, 2);
    expect(deviationOf(searched) / deviation).toBeCloseTo(1, 1);
  });

  test("a trial runs by a hundredth at least and by all of it at most", () => {
    expect(Math.min(...draw({ trials: 1, trialShare: 0.05 }).searched)).toBe(0.01);
    expect(Math.max(...draw({ trials: 1, trialShare: 0.95 }).searched)).toBe(1);
  });

  test("runs are lost whole, trials by what a trial runs", () => {
    // 10 runs and 20 trials at a rate of 0.2: 2.5 and 5 fail; each loses half, and a trial is 40 % of a training
    expect(meanOf(draw({ seeds: 10, failureRate: 0.2 }).lost)).toBeCloseTo(1.25, 1);
    expect(meanOf(draw({ seeds: 10, trials: 20, failureRate: 0.2 }).lost)).toBeCloseTo(1.25 + 1, 1);
  });

  test("retrainings come as often as is said", () => {
    expect(meanOf(draw({ retrainsPerYear: 4 }).retrainings)).toBeCloseTo(4, 1);
  });

  test("a seed gives the same outcomes from release to release", () => {
    const drawn = { outcomes: 2, failureRate: 0.5, retrainsPerYear: 4 };
    const lines = ({ count: _, ...kinds }: Draws): string =>
      Object.entries(kinds)
        .map(([kind, values]) => [kind, ...[...values].map((value) => value.toFixed(6))].join(" "))
        .join("\n");
    expect(lines(draw(drawn))).toMatchInlineSnapshot(`
      "train 0.530136 0.623602
      judge 0.029128 -0.779761
      start -0.313138 -0.604068
      rework 0.233070 -0.098568
      searched 0.000000 0.000000
      lost 0.483640 0.000000
      retrainings 4.000000 2.000000"
    `);
    expect(lines(draw({ ...drawn, trials: 3 }))).toMatchInlineSnapshot(`
      "train 0.530136 0.623602
      judge 0.029128 -0.779761
      start -0.313138 -0.604068
      rework 0.233070 -0.098568
      searched 0.934032 0.962995
      lost 0.545924 0.674811
      retrainings 2.000000 4.000000"
    `);
  });
});

describe("outcomesOf", () => {
  const edge = 1.6449;
  const range = { low: 25, expected: 100, high: 1600 };
  test.each([
    [range, 0, 100],
    [range, edge, 1600],
    [range, -edge, 25],
    [range, edge / 2, 400],
    [range, -edge / 2, 50],
    [range, 2 * edge, 25_600],
    [certain(7), 3, 7],
    [{ low: 0, expected: 100, high: 200 }, -edge, 1e-4],
    [certain(0), 3, 0],
    [{ low: 0, expected: 0, high: 5 }, 3, 0],
  ])("%j at %d deviations is %d", (given, normal, expected) => {
    expect(outcomesOf(given, Float64Array.of(normal))[0]).toBeCloseTo(expected, 9);
  });

  test("a range is met by its 5 %, 50 % and 95 % points", () => {
    const chance = mulberry32(3);
    const spread = { low: 60, expected: 100, high: 250 };
    const normals = Float64Array.from({ length: 20_000 }, () => randomNormal(chance));
    const values = outcomesOf(spread, normals).sort();
    expect((values[1_000] ?? 0) / 60).toBeCloseTo(1, 1);
    expect((values[10_000] ?? 0) / 100).toBeCloseTo(1, 1);
    expect((values[19_000] ?? 0) / 250).toBeCloseTo(1, 1);
  });
});

/** Returns these numbers in turn. */
function scripted(...numbers: number[]): Random {
  let at = 0;
  return () => {
    const number = numbers[at++];
    if (number === undefined) throw new Error("more numbers were drawn than the test gives");
    return number;
  };
}

/** 1 - e^-2: a first number that gives a normal value at distance 2 from the mean. */
const twoAway = 1 - Math.exp(-2);
/** The second number of a normal value determines its sign. */
const [above, below] = [0, 0.5];

describe("lostRuns", () => {
  test("every number below the rate is a lost run, and the next one is the share of it that ran", () => {
    const random = scripted(0.4, 0.3, 0.6, 0.1, 0.7, 0.2, 0.05, 0.5);
    expect(lostRuns(random, 2, 0.5)).toBeCloseTo(0.3 + 0.7 + 0.05, 12);
  });

  test("where nothing breaks, nothing is drawn: the luck of what comes later stays the same", () => {
    expect(lostRuns(scripted(), 10, 0)).toBe(0);
    expect(lostRuns(scripted(), 100, 0)).toBe(0);
    expect(lostRuns(scripted(), 0, 0.5)).toBe(0);
  });

  test("up to 64 runs are drawn one by one", () => {
    expect(lostRuns(scripted(...new Array<number>(64).fill(0.9)), 64, 0.5)).toBe(0);
  });

  // 72 runs at a rate of 0.5: 72 are lost, with a deviation of sqrt(72 / 0.5) = 12, and each loses half a run
  test.each([
    [0, 72, 0.5, above, 36],
    [twoAway, 72, 0.5, above, 48],
    [twoAway, 72, 0.5, below, 24],
    [0, 100, 0.2, above, 12.5],
    [twoAway, 65, 0.01, below, 0],
  ])("more as a normal value: %d, %d runs, rate %d", (first, runs, rate, side, expected) => {
    expect(lostRuns(scripted(first, side), runs, rate)).toBeCloseTo(expected, 9);
  });

  test.each<[number, number, number, number[]]>([
    [
      0,
      10,
      0.2,
      [
        1.5940308046992868, 1.7837801766581833, 0.6671280248556286, 0.3943437612615526, 0.4732378211338073,
        1.6001254005823284, 0.7815446960739791, 3.7265715380199254,
      ],
    ],
    [
      17,
      64,
      0.1,
      [
        5.432407110230997, 4.66383514739573, 6.985740880714729, 0.8832338338252157, 3.050193246686831,
        3.446692965226248, 5.609130548546091, 7.156880716327578,
      ],
    ],
    [
      17,
      65,
      0.1,
      [
        4.361992275454003, 4.494378108962476, 3.6523675563290126, 2.5066623930741336, 3.167584417942114,
        2.7555122307477906, 3.9412306745351873, 3.471499886150617,
      ],
    ],
  ])("from seed %i: %i runs at a rate of %d", (seed, runs, rate, expected) => {
    const random = mulberry32(seed);
    expect(expected.map(() => lostRuns(random, runs, rate))).toEqual(expected);
  });

  test("half a run each on average: rate / (1 - rate) / 2", () => {
    const random = mulberry32(5);
    const mean = (runs: number, rate: number): number =>
      meanOf(new Float64Array(5_000).map(() => lostRuns(random, runs, rate)));
    expect(mean(10, 0.2)).toBeCloseTo((10 * 0.2) / 0.8 / 2, 1);
    expect(mean(100, 0.2) / ((100 * 0.2) / 0.8 / 2)).toBeCloseTo(1, 1);
  });
});
