import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { armOf, inputFor, worldsOf } from "../../../../../test/support/decision-arms.ts";
import type { Objective } from "./input.ts";
import { chancesOf, isPreferred, reaches, referencesOf } from "./prefer.ts";

type Money = readonly [quality: number, dollars: number];
const at = ([quality, dollars]: Money, isReference = false) => ({ quality, usd: dollars, isReference });

describe("which of two is to be preferred", () => {
  const value: Objective = { kind: "value", usdPerCorrect: usd(0.5) };
  const target: Objective = { kind: "target", quality: 0.75 };
  const margin: Objective = { kind: "margin", margin: 0.125 };
  // 1,000 answers; a correct one is worth $0.50; the best arm that is not tuned has a quality of 75 %
  test.each<[string, Objective, Money, Money, boolean]>([
    ["worth more than it costs more", value, [0.75, 200], [0.5, 80], true],
    ["worth less than it costs more", value, [0.75, 200], [0.5, 70], false],
    ["worth exactly what it costs more", value, [0.75, 200], [0.5, 75], false],
    ["reaching the target where the other does not", target, [0.75, 900], [0.7, 1], true],
    ["missing the target, however cheap", target, [0.74, 1], [0.9, 900], false],
    ["both reach it: the cheaper", target, [0.8, 1], [0.9, 2], true],
    ["both reach it: the dearer", target, [0.9, 2], [0.8, 1], false],
    ["both reach it at one price", target, [0.9, 2], [0.8, 2], false],
    ["cheaper and within the margin", margin, [0.75, 1], [0.8, 2], true],
    ["as cheap and within the margin", margin, [0.75, 2], [0.8, 2], true],
    ["dearer, though better", margin, [0.8, 3], [0.75, 2], false],
    ["cheaper and worse by the whole margin", margin, [0.75, 1], [0.875, 2], false],
    ["worse than the best that is not tuned by more than the margin", margin, [0.6, 1], [0.6, 2], false],
    ["worse than it by exactly the margin", margin, [0.625, 1], [0.7, 2], true],
    ["dearer than what is no alternative", margin, [0.75, 3], [0.6, 1], true],
    ["dearer than what is just an alternative", margin, [0.75, 3], [0.625, 1], false],
  ])("%s", (_, objective, first, second, expected) => {
    expect(isPreferred(objective, at(first), at(second), 1000, 0.75)).toBe(expected);
  });

  test("the arm a gain is counted from stays where no other brings it, whatever the price", () => {
    const gain: Objective = { kind: "gain", over: "prompt", by: 0.25 };
    const prompt = at([0.5, 100], true);
    const [brings, misses] = [at([0.75, 900]), at([0.74, 1])];
    const preferred = (...[one, two]: [typeof prompt, typeof prompt]) =>
      isPreferred(gain, one, two, 1000, 0.5);
    expect([preferred(prompt, brings), preferred(prompt, misses)]).toEqual([false, true]);
    expect([preferred(brings, prompt), preferred(misses, prompt)]).toEqual([true, false]);
    expect([preferred(brings, misses), preferred(misses, brings)]).toEqual([true, false]);
    expect(preferred(at([0.8, 1]), brings)).toBe(true);
    // with a gain of 0, an equal arm achieves it, although it costs more
    expect(isPreferred({ ...gain, by: 0 }, at([0.5, 900]), prompt, 1000, 0.5)).toBe(true);
  });
});

test("what was wished for: a target, a gain over the reference, or anything", () => {
  expect([0.75, 0.74].map((one) => reaches({ kind: "target", quality: 0.75 }, one, 0))).toEqual([
    true,
    false,
  ]);
  const gain: Objective = { kind: "gain", over: "prompt", by: 0.25 };
  expect([0.75, 0.74].map((one) => reaches(gain, one, 0.5))).toEqual([true, false]);
  expect(reaches({ kind: "value", usdPerCorrect: usd(1) }, 0, 1)).toBe(true);
  expect(reaches({ kind: "margin", margin: 0 }, 0, 1)).toBe(true);
});

const arms = [
  armOf("prompt", "prompt", [1]),
  armOf("tuned", "tuned", [1]),
  armOf("right passages", "oracle", [1]),
  armOf("rag", "rag", [1]),
  armOf("tuned rag", "tuned-rag", [1]),
];

test("a gain is counted from the arm it names, a margin from whatever is not tuned and can be bought", () => {
  expect(referencesOf({ arms, objective: { kind: "gain", over: "rag", by: 0 } })).toEqual([3]);
  expect(referencesOf({ arms, objective: { kind: "margin", margin: 0 } })).toEqual([0, 3]);
  expect(referencesOf({ arms, objective: { kind: "target", quality: 1 } })).toEqual([]);
});

describe("shares of simulations", () => {
  const simulations = worldsOf(
    [
      { quality: [0.5, 0.5, 0.5, 0.5], fixed: [0, 0, 0, 0], each: [2, 2, 2, 2] },
      { quality: [0.75, 0.75, 0.75, 0.25], fixed: [100, 100, 300, 0], each: [1, 1, 1, 1] },
    ],
    [200, 50, 200, 200],
  );
  const chances = (objective: Objective, answers: Float64Array | number = simulations.answers ?? 0) =>
    chancesOf(inputFor(arms.slice(0, 2), { objective }), simulations, answers);

  test("dollars of a world are its fixed ones and its answers': $1 an answer saved, $100 to get there", () => {
    // both reach the target in three simulations, where the cheaper one wins: $300 vs $400, $150 vs $100, $500 vs $400
    const { prefers, reaches: share } = chances({ kind: "target", quality: 0.5 });
    expect([prefers(1, 0), prefers(0, 1)]).toEqual([0.25, 0.75]);
    expect([share(0), share(1)]).toEqual([1, 0.75]);
    const many = chances({ kind: "target", quality: 0.5 }, 1000);
    expect([many.prefers(1, 0), many.prefers(0, 1)]).toEqual([0.75, 0.25]);
  });

  test("a gain is counted in each world from the arm it names", () => {
    const { prefers, reaches: share } = chances({ kind: "gain", over: "prompt", by: 0.25 });
    expect([share(1), share(0)]).toEqual([0.75, 0]);
    expect([prefers(1, 0), prefers(0, 1)]).toEqual([0.75, 0.25]);
    expect(chances({ kind: "gain", over: "tuned", by: 0.25 }).reaches(0)).toBe(0.25);
  });

  test("a margin is counted in each world from the best that is not tuned", () => {
    // in the last simulation the tuned arm is not an alternative, although it costs less
    const { prefers } = chances({ kind: "margin", margin: 0.1 });
    expect([prefers(1, 0), prefers(0, 1)]).toEqual([0.25, 0.25]);
  });
});
