import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, rightOf, worldsOf } from "../../../../../test/support/decision-arms.ts";
import { testRowsForGain, testRowsToDecide, trainingRowsFor } from "./enough-rows.ts";
import type { Objective } from "./input.ts";

const arms = [
  armOf("prompt", "prompt", rightOf(70, 100), { thousand: 1 }),
  armOf("tuned", "tuned", rightOf(80, 100), { once: 10, thousand: 2 }),
];
/** Two simulations, one spread below and one spread above a mean. */
const about = (mean: number, spread: number) => ({ quality: [mean - spread, mean + spread] });
const still = about(0.7, 0);
const open = { says: "open", chance: 0.8, needs: 0.95, candidates: 1 } as const;
const needed = (
  objective: Objective,
  qualities: Parameters<typeof worldsOf>[0],
  { rival = 0, ...rest }: { rival?: number | null } & Partial<Parameters<typeof inputFor>[1]> = {},
) =>
  testRowsToDecide(inputFor(arms, { objective, ...rest }), worldsOf(qualities), { ...open, arm: 1, rival });

// a gap of one spread needs (1.6449 + 0.8416)^2 = 6.1826 times the rows
describe("test rows that would settle it", () => {
  test.each<[string, Objective, Parameters<typeof worldsOf>[0], number | null, number]>([
    [
      "a target, from below or above",
      { kind: "target", quality: 0.8 },
      [still, about(0.84, 0.04)],
      null,
      619,
    ],
    ["a target not reached", { kind: "target", quality: 0.8 }, [still, about(0.78, 0.02)], null, 619],
    [
      "the harder of arm and rival",
      { kind: "target", quality: 0.8 },
      [about(0.76, 0.02), about(0.82, 0.02)],
      0,
      619,
    ],
    ["a rival that decides", { kind: "target", quality: 0.8 }, [about(0.76, 0.03), about(0.9, 0.01)], 0, 348],
    [
      "a gain over the prompt",
      { kind: "gain", over: "prompt", by: 0.06 },
      [still, about(0.78, 0.02)],
      null,
      619,
    ],
    ["a margin below the rival", { kind: "margin", margin: 0.02 }, [still, about(0.72, 0.02)], 0, 155],
  ])("%s", (_, objective, qualities, rival, rows) => {
    expect(needed(objective, qualities, { rival })).toEqual({
      kind: "test",
      atLeast: rows,
      high: null,
      chance: null,
    });
  });

  test("in common with the arm a gain is counted from, what shakes both does not count", () => {
    const shaken = [about(0.7, 0.1), { quality: [0.68, 0.88] }];
    expect(needed({ kind: "gain", over: "prompt", by: 0.04 }, shaken, { rival: null })).toBeNull();
  });

  test("where no gain at all is asked for, the arm it is counted from is no rival", () => {
    const objective: Objective = { kind: "gain", over: "prompt", by: 0 };
    expect(needed(objective, [still, about(0.72, 0.02)])?.atLeast).toBe(619);
  });

  test("a value: extra dollars an answer are as many points as they are worth correct answers", () => {
    // 10,000 answers at 5 cents: $500. The tuned arm costs $10 + $10 more, or 0.04 of that. Gap 0.1 - 0.04, spread 0.06
    const objective: Objective = { kind: "value", usdPerCorrect: usd(0.05) };
    expect(needed(objective, [still, about(0.8, 0.06)])?.atLeast).toBe(619);
    expect(needed(objective, [still, about(0.8, 0.06)], { answersPerMonth: null })).toBeNull();
    expect(needed({ kind: "value", usdPerCorrect: usd(0) }, [still, about(0.8, 0.06)])).toBeNull();
  });

  test("up to ten times the rows at hand are advice; more are none, and so are fewer than there are", () => {
    const objective: Objective = { kind: "target", quality: 0.8 };
    // spreads for which, with a gap of 0.1, 100 rows must become the given number of rows
    const at = (rows: number) =>
      needed(objective, [still, about(0.9, 0.1 * Math.sqrt(rows / 618.2557))], { rival: null });
    expect(at(999.5)?.atLeast).toBe(1000);
    expect(at(1000.5)).toBeNull();
    expect(at(99.5)).toBeNull();
    expect(at(100.5)?.atLeast).toBe(101);
  });

  test("nothing to compare is nothing to count", () => {
    const simulations = worldsOf([still, about(0.72, 0.02)]);
    for (const objective of [
      { kind: "margin", margin: 0.02 },
      { kind: "target", quality: 0.9 },
    ] as const) {
      expect(
        testRowsToDecide(inputFor(arms, { objective }), simulations, { ...open, arm: null, rival: null }),
      ).toBeNull();
    }
    for (const objective of [
      { kind: "margin", margin: 0.02 },
      { kind: "value", usdPerCorrect: usd(1) },
    ] as const) {
      expect(needed(objective, [still, about(0.72, 0.02)], { rival: null })).toBeNull();
    }
  });
});

/** Graded scores of 1 - floor - 4 / sqrt(rows), so that 1,000 rows have little noise. */
const curve = (sizes: readonly number[], floor = 0) =>
  sizes.map((rows) => ({
    rows,
    outcomes: Array.from({ length: 1000 }, () => 1 - floor - 4 / Math.sqrt(rows)),
  }));

describe("training rows", () => {
  const sizes = [100, 400, 1600];
  const rowsFor = (quality: number, learningCurve = curve(sizes)) =>
    trainingRowsFor(inputFor(arms, { facts: { learningCurve } }), quality);

  test("an error of 4 / sqrt(n) is 5 % at 6,400 rows", () => {
    const found = rowsFor(0.95);
    expect(found).toMatchObject({ kind: "train", chance: 1 });
    expect(Math.abs((found?.atLeast ?? 0) - 6400)).toBeLessThanOrEqual(1);
    expect(found?.high).toBeGreaterThan(6400);
    expect(found?.high).toBeLessThan(8000);
  });

  test.each<[string, number, ReturnType<typeof curve> | undefined]>([
    ["two sizes show no curve", 0.95, curve([100, 1600])],
    ["no sizes neither", 0.95, []],
    ["what the rows at hand reach needs no more", 0.85, undefined],
    ["nor what they just reach: 4 / sqrt(1,024) is an eighth", 0.875, curve([64, 256, 1024])],
    ["beyond ten times the rows nobody believes it", 0.97, undefined],
    ["a curve that levels off below never gets there", 0.85, curve(sizes, 0.2)],
  ])("%s", (_, quality, learningCurve) => {
    expect(rowsFor(quality, learningCurve)).toBeNull();
  });
});

test("rows that show a gain, from how often two arms differ", () => {
  const first = rightOf(60, 100);
  // (1.96 sqrt(f) + 0.8416 sqrt(f - d^2))^2 / d^2 for f = 20 %, d = 4 points: 978.7;
  // for f = 1 %, d = 0.5 points: 3,137.2
  expect(testRowsForGain(first, rightOf(80, 100), 0.04)).toBe(979);
  expect(testRowsForGain(rightOf(80, 100), first, 0.04)).toBe(979);
  expect(testRowsForGain(first, first, 0.005)).toBe(3138);
});
