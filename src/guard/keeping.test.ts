import { expect, test } from "vitest";
import { judgeKeeping, type KeepingState } from "./keeping.ts";

const steps = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));
const state = (change: Partial<KeepingState>): KeepingState => ({
  losses: steps(40, 3, 1),
  penalties: steps(40, 0, 0.1),
  warmupSteps: 5,
  method: "ewc",
  lambda: 100,
  warned: false,
  ...change,
});

test.each([
  ["a task that is learned under a light pull", {}],
  ["too few steps to tell", { losses: steps(24, 3, 3), penalties: steps(24, 1, 9) }],
  ["a loss that does not fall where nothing pulls", { losses: steps(40, 3, 3), penalties: steps(40, 0, 0) }],
  ["a warning said before", { losses: steps(40, 3, 3), penalties: steps(40, 1, 9), warned: true }],
  ["a large penalty beside a loss that falls", { penalties: steps(40, 0, 4) }],
  ["no strength", { losses: steps(40, 3, 3), penalties: steps(40, 1, 9), lambda: 0 }],
])("silent: %s", (_, change) => {
  expect(judgeKeeping(state(change))).toEqual({ act: "go-on" });
});

test.each([
  ["the loss does not fall", { losses: steps(40, 3, 2.99) }, /has not fallen in 40 steps.*keep\.lambda: 10/],
  [
    "it hardly falls under a strong pull",
    { losses: steps(40, 3, 2.9), penalties: steps(40, 0, 4) },
    /too strong/,
  ],
])("warns: %s", (_, change, words) => {
  const verdict = judgeKeeping(state(change));
  expect(verdict).toMatchObject({ act: "warn", guard: "keeping" });
  expect("sentence" in verdict && verdict.sentence).toMatch(words);
});
