/** @file Results that are too good: two signs, and courses that have neither. */
import { expect, test } from "vitest";
import { judgeTooGood, type TooGoodState } from "./too-good.ts";

const noisy = (count: number, level: (step: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => level(i + 1) * (1 + 0.1 * Math.sin(12.9898 * i)));

/** Looks every ten steps. */
function state(losses: number[], validation: number[], stepsPerEpoch = 20): TooGoodState {
  const evaluations = validation.map((validationLoss, i) => ({
    step: 10 * (i + 1),
    validationLoss,
    trainLoss: 1,
  }));
  return { losses, evaluations, stepsPerEpoch };
}

test.each<[string, TooGoodState, string | null]>([
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
    "answers stand in the prompts",
  ],
  [
    "known after all rows were seen",
    state(
      noisy(30, () => 0.005),
      [1, 1, 0.005],
    ),
    null,
  ],
])("%s", (_, given, sign) => {
  const sentence = judgeTooGood(given)?.sentence ?? null;
  if (sign === null) expect(sentence).toBeNull();
  else expect(sentence).toContain(sign);
});
