import { seconds } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, exactly, inputFor, rightOf, worldsOf } from "../../../../../test/support/decision-arms.ts";
import { decisionTable, expectedUsd, isYesNo, meanOf, qualityInterval } from "./table.ts";

const alone = { groups: null, seed: 1 };

describe("the frontier", () => {
  const frontier = (...arms: ReturnType<typeof armOf>[]) =>
    decisionTable(inputFor(arms), worldsOf(arms.map(() => ({ quality: [1] }))))
      .filter(({ isOnFrontier }) => isOnFrontier)
      .map(({ name }) => name);
  const middle = armOf("middle", "prompt", rightOf(6, 10), { thousand: 2 });

  test.each<[string, string, number, number, string[]]>([
    ["better and dearer: both", "tuned", 7, 3, ["middle", "other"]],
    ["worse and cheaper: both", "tuned", 5, 1, ["middle", "other"]],
    ["better and cheaper: it alone", "tuned", 7, 1, ["other"]],
    ["worse and dearer: not it", "tuned", 5, 3, ["middle"]],
    ["as good and cheaper: it alone", "tuned", 6, 1, ["other"]],
    ["better at the same price: it alone", "tuned", 7, 2, ["other"]],
    ["as good at the same price: the first of both", "tuned", 6, 2, ["middle"]],
    ["an oracle is neither on it nor in the way", "oracle", 9, 0, ["middle"]],
  ])("%s", (_, kind, right, thousand, names) => {
    expect(frontier(middle, armOf("other", kind as "tuned", rightOf(right, 10), { thousand }))).toEqual(
      names,
    );
  });
});

describe("a row", () => {
  const latency = { p50: seconds(1), p95: seconds(2) };
  const arm = {
    ...armOf("tuned", "tuned", rightOf(8, 10), { once: 5, thousand: 2 }),
    latency,
    upkeep: ["hosting"],
  };
  const rowOf = (drawn: Parameters<typeof worldsOf>[0][number], answers: readonly number[] | null) =>
    decisionTable(inputFor([arm]), worldsOf([drawn], answers))[0];

  test("says of the arm what was measured and given", () => {
    expect(rowOf({ quality: [0.8] }, null)).toMatchObject({
      name: "tuned",
      kind: "tuned",
      quality: 0.8,
      latency,
      upkeep: ["hosting"],
      usdTotal: null,
      usdToGetThere: exactly(5),
      usdPerThousandAnswers: exactly(2),
      // Wilson 1927, computed by hand: (0.8 + 0.19207 ± 1.95996 sqrt(0.016 + 0.0096036)) / 1.384146
      interval: { low: expect.closeTo(0.4902, 4), high: expect.closeTo(0.9433, 4) },
    });
  });

  test("all of it over the horizon: what is fixed and every answer; a correct one shares in both", () => {
    const row = rowOf({ quality: [0.5], fixed: [40], each: [0.002] }, [10_000]);
    expect(row).toMatchObject({ usdTotal: exactly(60), usdPerCorrect: exactly(0.012) });
  });

  test("with the volume unknown a correct answer costs what answers cost until one is right", () => {
    expect(rowOf({ quality: [0.25], fixed: [40], each: [0.002] }, null)?.usdPerCorrect).toEqual(
      exactly(0.008),
    );
  });

  test("ranges are 5 %, half and 95 % of the simulations, in whatever order they were drawn", () => {
    const fixed = Array.from({ length: 21 }, (_, at) => 20 - at);
    const row = rowOf(
      { quality: fixed.map(() => 1), fixed },
      fixed.map(() => 10),
    );
    expect(row?.usdTotal).toEqual({ low: 1e6, expected: 10e6, high: 19e6 });
    expect(row?.usdPerCorrect).toEqual({ low: 1e5, expected: 1e6, high: 1.9e6 });
  });

  test("where no answer may be right no price of a right one is named", () => {
    expect(rowOf({ quality: [0, 0], each: [1, 1] }, null)?.usdPerCorrect).toBeNull();
    expect(rowOf({ quality: [-0.1, -0.1], each: [1, 1] }, [10, 10])?.usdPerCorrect).toBeNull();
    expect(rowOf({ quality: [0.5, 0.5], each: [1, 1] }, [0, 0])).toMatchObject({
      usdTotal: exactly(0),
      usdPerCorrect: null,
    });
  });
});

test("expected dollars: fixed ones, upkeep of every month, answers of every month; without a volume a thousand", () => {
  const arm = armOf("a", "tuned", [1], { once: 30, monthly: 2, thousand: 4 });
  expect(expectedUsd(arm, inputFor([arm]))).toBe(90);
  expect(expectedUsd(arm, { ...inputFor([arm]), answersPerMonth: null })).toBeCloseTo(4, 12);
});

describe("an interval of quality", () => {
  test("no row, no interval", () => expect(qualityInterval([], alone)).toBeNull());

  test("graded scores are drawn: the interval lies about their mean, as wide as their spread says", () => {
    const scores = Array.from({ length: 400 }, (_, row) => (row % 2 === 0 ? 0.25 : 0.75));
    const { low = 0, high = 0 } = qualityInterval(scores, alone) ?? {};
    expect((low + high) / 2).toBeCloseTo(0.5, 2);
    expect(high - low).toBeCloseTo((2 * 1.96 * 0.25) / 20, 2);
    expect(qualityInterval(scores, alone)).toEqual({ low, high });
    expect(qualityInterval(scores, { ...alone, seed: 2 })).not.toEqual({ low, high });
  });

  test("groups are drawn whole, also where rows are right or wrong; one group says nothing of chance", () => {
    const scores = rightOf(50, 100);
    const width = (groups: number[] | null) => {
      const { low = 0, high = 0 } = qualityInterval(scores, { ...alone, groups }) ?? {};
      return high - low;
    };
    expect(width(scores.map((_, row) => Math.floor(row / 25)))).toBeGreaterThan(3 * width(null));
    expect(qualityInterval(scores, { ...alone, groups: scores.map(() => 1) })).toBeNull();
  });
});

test("right or wrong is 0 or 1 in every row, and a mean is a mean", () => {
  expect([[0, 1, 1], [1, 1], [0, 0], [], [0.5, 1], [1, 0, 0.5]].map(isYesNo)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(meanOf([0, 0.5, 1, 1])).toBe(0.625);
});
