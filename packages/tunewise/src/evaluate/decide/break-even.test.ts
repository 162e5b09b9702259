import { expect, test } from "vitest";
import { worldsOf } from "../../../../../test/support/decision-arms.ts";
import { breakEven } from "./break-even.ts";

/** Break-even of the first arm against the second. */
const evenOf = (...arms: Parameters<typeof worldsOf>[0]) =>
  breakEven(worldsOf(arms), [0, "tuned"], [1, "prompt"]);

test("extra dollars over dollars saved per answer: $60 against $10, half a cent saved each, is 10,000 answers", () => {
  expect(evenOf({ fixed: [60], each: [0.001] }, { fixed: [10], each: [0.006] })).toEqual({
    arm: "tuned",
    against: "prompt",
    neverShare: 0,
    low: 10_000,
    expected: 10_000,
    high: 10_000,
  });
});

test("a part of an answer is a whole one", () => {
  expect(evenOf({ fixed: [1] }, { each: [0.3] }).expected).toBe(4);
});

test("cheaper from the first answer on is no answers, not fewer than none", () => {
  expect(evenOf({ fixed: [5], each: [1] }, { fixed: [9], each: [2] })).toMatchObject({ low: 0, high: 0 });
});

test("low, expected and high are 5 %, half and 95 % of the simulations, in whatever order they were drawn", () => {
  const fixed = Array.from({ length: 21 }, (_, at) => 20 - at);
  const each = fixed.map(() => 0.5);
  expect(evenOf({ fixed }, { each })).toMatchObject({ low: 2, expected: 20, high: 38, neverShare: 0 });
});

test("an answer that is not cheaper never pays, and the share of such simulations is told", () => {
  const costs = { fixed: [10, 10, 10, 10], each: [1, 1, 1, 3] };
  expect(evenOf(costs, { each: [2, 2, 2, 2] })).toMatchObject({ expected: 10, high: null, neverShare: 0.25 });
  expect(
    evenOf({ ...costs, each: [2, 2, 2, 2] }, { fixed: [90, 90, 90, 90], each: [2, 2, 2, 2] }),
  ).toMatchObject({
    low: null,
    expected: null,
    high: null,
    neverShare: 1,
  });
});
