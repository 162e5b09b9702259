/** @file Tests the leakage guard on both signs of a leak, and on curves with neither. */
import { expect, test } from "vitest";
import { checkLeakage, type LeakageState } from "./leakage-suspected.ts";

const noisy = (count: number, level: (step: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => level(i + 1) * (1 + 0.1 * Math.sin(12.9898 * i)));

const one = (count: number, value = 1): number[] => new Array<number>(count).fill(value);
const wild = Array.from({ length: 60 }, (_, i) => [20, 0, 12, 8, 12, 8, 12, 8][i % 8] ?? 0);

/** A state with an evaluation every ten steps. */
function state(losses: number[], validation: number[], stepsPerEpoch = 20): LeakageState {
  const evaluations = validation.map((validationLoss, i) => ({
    step: 10 * (i + 1),
    validationLoss,
    trainLoss: 1,
  }));
  return { losses, evaluations, stepsPerEpoch };
}

test.each<[string, LeakageState, string | null]>([
  ["no look", state([], []), null],
  [
    "alike",
    state(
      noisy(60, () => 1),
      [1, 1, 1, 1, 1],
    ),
    null,
  ],
  [
    "easier at three looks in a row",
    state(
      noisy(60, () => 1),
      [1, 1, 0.5, 0.5, 0.5],
    ),
    "validation rows are among",
  ],
  [
    "easier at two",
    state(
      noisy(60, () => 1),
      [1, 1, 1, 0.5, 0.5],
    ),
    null,
  ],
  [
    "a little easier",
    state(
      noisy(60, () => 1),
      [0.8, 0.8, 0.8, 0.8, 0.8],
    ),
    null,
  ],
  [
    "a loss that falls quickly: the steps after are as low",
    state(
      noisy(60, (step) => 4 * 0.93 ** step),
      [1.9, 0.9, 0.45, 0.2, 0.1],
    ),
    null,
  ],
  [
    "the last look has no steps after it yet",
    state(
      noisy(50, () => 1),
      [1, 1, 1, 0.5, 0.5, 0.5].slice(1),
    ),
    null,
  ],
  [
    "known before all rows were seen",
    state(
      noisy(10, () => 1),
      [0.005],
    ),
    "the prompts contain the answers",
  ],
  ["not known, before all rows were seen", state(one(10), [0.5]), null],
  ["known but for a hundredth of a nat", state(one(10), [0.01]), null],
  ["known when all rows were seen", state(one(30), [1, 0.005]), null],
  ["seven tenths of the training loss", state(one(60), [1, 1, 0.7, 0.7, 0.7]), null],
  [
    "less than seven tenths of a loss of 2",
    state(one(60, 2), [2, 2, 1.3, 1.3, 1.3]),
    "validation rows are among",
  ],
  ["two looks alone", state(one(60), [0.5, 0.5]), null],
  [
    "the last look has just enough steps after it",
    state(one(58), [1, 1, 0.5, 0.5, 0.5]),
    "validation rows are among",
  ],
  [
    "a step without a loss",
    state(one(60).with(44, Number.NaN), [1, 1, 0.5, 0.5, 0.5]),
    "validation rows are among",
  ],
  [
    "a loss that rises quickly: the steps before are as low",
    state(
      Array.from({ length: 60 }, (_, i) => 0.2 * 1.07 ** (i + 1)),
      [10, 20, 30, 40, 50].map((step) => 0.2 * 0.85 * 1.07 ** step),
    ),
    null,
  ],
  // eight losses with mean 10 and a sum of squared deviations of 224: the standard error is 2, and 10 - 3 * 2 = 4
  ["wild steps, and three errors below them", state(wild, [10, 10, 4, 4, 4]), null],
  ["... and more than three", state(wild, [10, 10, 3.9, 3.9, 3.9]), "validation rows are among"],
  [
    "known after all rows were seen",
    state(
      noisy(30, () => 0.005),
      [1, 1, 0.005],
    ),
    null,
  ],
])("%s", (_, given, sign) => {
  const sentence = checkLeakage(given)?.sentence ?? null;
  if (sign === null) expect(sentence).toBeNull();
  else expect(sentence).toContain(sign);
});

test("the sentence names the last evaluation that has steps after it, and the training loss around it", () => {
  const losses = [...one(32), ...one(8, 2), ...one(10, 4)];
  expect(checkLeakage(state(losses, [1, 0.5, 0.5, 0.6, 1]))?.sentence).toContain(
    "in 3 evaluations in a row, validation rows were easier than training rows: 0.600 nats per token at step 40, " +
      "where training rows had 3.00.",
  );
});
