import { range } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { calibrate, calibratedRange } from "./calibrate.ts";

/** Seeded normal values. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Runs whose actual values are the planned ones times a bias and noise. */
function simulate(count: number, bias: number, noise: number, seed: number): [number, number][] {
  const next = normals(seed);
  return Array.from({ length: count }, () => {
    const planned = 60 * Math.exp(next());
    return [planned, planned * bias * Math.exp(noise * next())];
  });
}

const own = range(60, 100, 170);
const same = (value: number): number => value;
const width = ({ low, high }: { low: number; high: number }): number => Math.log(high / low);

test("no runs, no change", () => {
  expect(calibrate([])).toBeNull();
  expect(
    calibrate([
      [0, 5],
      [5, 0],
    ]),
  ).toBeNull();
  expect(calibratedRange(own, null, same)).toEqual(own);
});

describe("a record with a bias corrects the next plan (A10)", () => {
  test.each([0.4, 1, 1.18, 3])("times taken are %f of planned", (bias) => {
    const found = calibrate(simulate(12, bias, 0.1, 7));
    expect(Math.log((found?.factor ?? 0) / bias)).toBeLessThan(0.2);
    expect(Math.abs(Math.log((found?.factor ?? 0) / bias))).toBeLessThan(
      0.1 + 0.1 * Math.abs(Math.log(bias)),
    );
    const { expected } = calibratedRange(own, found, same);
    expect(expected).toBeCloseTo(100 * (found?.factor ?? 0), 9);
  });

  test("one run moves it half of the way, and one that stood still does not run away with it", () => {
    expect(calibrate([[100, 400]])?.factor).toBeCloseTo(2, 9);
    expect(calibrate([[100, 1e9]])?.factor).toBeCloseTo(Math.sqrt(20), 9);
  });
});

test("ranges narrow with runs that agree, and widen with runs that do not", () => {
  const widthAfter = (count: number, noise: number): number =>
    width(calibratedRange(own, calibrate(simulate(count, 1.5, noise, 3)), same));
  expect(widthAfter(4, 0.02)).toBeLessThan(width(own));
  expect(widthAfter(30, 0.02)).toBeLessThan(0.6 * widthAfter(4, 0.02));
  expect(widthAfter(10, 1)).toBeGreaterThan(1.5 * width(own));
});

test("a range is never narrower than what runs held out were off by", () => {
  const pairs = simulate(9, 1, 0.05, 5).concat([[100, 500]]);
  const found = calibrate(pairs);
  const { low, expected, high } = calibratedRange(own, found, same);
  expect(Math.log(high / expected)).toBeGreaterThanOrEqual(found?.heldOutLog ?? Number.NaN);
  expect(Math.log(expected / low)).toBeGreaterThanOrEqual(found?.heldOutLog ?? Number.NaN);
  expect(found?.heldOutLog).toBeGreaterThan(1);
});

describe("each run held out lies in the range that the others give, in nine of ten cases", () => {
  test.each([
    [3, 0.1, 0.86],
    [3, 0.6, 0.78], // two runs barely correct a plan whose range is half as wide as it should be
    [5, 0.3, 0.86],
    [10, 0.1, 0.86],
    [10, 0.6, 0.86],
    [20, 0.3, 0.86],
  ])("%i runs with noise of %f", (count, noise, covered) => {
    let inside = 0;
    let all = 0;
    for (let record = 0; record < 200; record++) {
      const bias = Math.exp(0.5 * normals(1_000 + record)());
      const pairs = simulate(count, bias, noise, 11 + 977 * record);
      for (const [at, [planned, taken]] of pairs.entries()) {
        const others = calibrate(pairs.filter((_, other) => other !== at));
        const given = calibratedRange(range(0.6 * planned, planned, 1.7 * planned), others, same);
        all++;
        if (taken >= given.low && taken <= given.high) inside++;
      }
    }
    expect(inside / all).toBeGreaterThan(covered);
  });
});
