import { expect, test } from "vitest";
import { checkRegularization, type RegularizationState } from "./regularization.ts";

const steps = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));
const state = (change: Partial<RegularizationState>): RegularizationState => ({
  losses: steps(40, 3, 1),
  penalties: steps(40, 0, 0.1),
  warmupSteps: 5,
  method: "ewc",
  lambda: 100,
  warned: false,
  ...change,
});

const many = (count: number, value: number): number[] => new Array<number>(count).fill(value);

test.each([
  ["a task that is learned under a light pull", {}],
  ["too few steps to tell", { losses: steps(24, 3, 3), penalties: steps(24, 1, 9) }],
  ["a loss that does not fall where nothing pulls", { losses: steps(40, 3, 3), penalties: steps(40, 0, 0) }],
  ["a warning said before", { losses: steps(40, 3, 3), penalties: steps(40, 1, 9), warned: true }],
  ["a large penalty beside a loss that falls", { penalties: steps(40, 0, 4) }],
  ["a loss of nothing under no pull", { losses: many(40, 0), penalties: many(40, 0) }],
  ["a fall by a twentieth", { losses: [...many(30, 20), ...many(10, 19)], penalties: many(40, 9) }],
  ["a pull of a hundredth", { losses: many(40, 50), penalties: many(40, 0.5) }],
  ["a pull that is over", { losses: many(40, 2), penalties: [...many(30, 9), ...many(10, 0)] }],
  ["no strength", { losses: steps(40, 3, 3), penalties: steps(40, 1, 9), lambda: 0 }],
])("silent: %s", (_, change) => {
  expect(checkRegularization(state(change))).toEqual({ act: "go-on" });
});

test("ten steps at either end are compared, and a tenth of the strength is proposed", () => {
  const losses = [...many(10, 3), ...many(20, 9), ...many(10, 2.9)];
  const penalties = [...many(30, 0), ...many(10, 0.03)];
  expect(checkRegularization(state({ losses, penalties, lambda: 2500 }))).toEqual({
    act: "warn",
    guard: "regularization",
    sentence:
      "the loss has not fallen in 40 steps (3.000 to 2.900): ewc with lambda 2500 is too strong; try regularization.lambda: 250",
  });
});

test("twenty steps after the warm-up are enough to tell", () => {
  expect(checkRegularization(state({ losses: many(25, 3), penalties: many(25, 1) })).act).toBe("warn");
});

test.each([
  [
    "the loss does not fall",
    { losses: steps(40, 3, 2.99) },
    /has not fallen in 40 steps.*regularization\.lambda: 10/,
  ],
  [
    "it hardly falls under a strong pull",
    { losses: steps(40, 3, 2.9), penalties: steps(40, 0, 4) },
    /too strong/,
  ],
])("warns: %s", (_, change, words) => {
  const verdict = checkRegularization(state(change));
  expect(verdict).toMatchObject({ act: "warn", guard: "regularization" });
  expect("sentence" in verdict && verdict.sentence).toMatch(words);
});
