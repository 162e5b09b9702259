/** @file Tests the no-progress guard on real falls, slow falls, noise, and training rows that hide a fall. */
import { expect, test } from "vitest";
import { checkProgress, type ProgressState } from "./no-progress.ts";

/** Losses around a level, with deterministic scatter. */
function losses(count: number, level: (step: number) => number, scatter = 0.1): number[] {
  return Array.from({ length: count }, (_, i) => level(i + 1) + scatter * Math.sin(12.9898 * i));
}

/** Two losses in alternation. */
const turns = (count: number, one: number, other: number): number[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? one : other));

const calm: ProgressState = {
  losses: [],
  lowestValidation: null,
  steps: 200,
  warmupSteps: 10,
  learningRatePeak: 1e-4,
};
const flat = losses(40, () => 3);

test.each<[string, Partial<ProgressState>, boolean]>([
  ["a loss that falls", { losses: losses(40, (step) => 3 - 0.03 * step) }, false],
  ["a loss that stays", { losses: flat }, true],
  ["a loss that rises", { losses: losses(40, (step) => 3 + 0.03 * step) }, true],
  ["most of it fell in the first steps", { losses: losses(40, (step) => (step < 4 ? 8 : 1)) }, false],
  ["a fall within the noise", { losses: losses(40, (step) => 3 - 0.001 * step) }, true],
  ["one step too early", { losses: flat.slice(0, 39) }, false],
  ["a long time after", { losses: losses(81, () => 3) }, false],
  ["a short run has 20 steps", { losses: losses(30, () => 3), steps: 40 }, true],
  ["and no less", { losses: losses(29, () => 3), steps: 40 }, false],
  ["validation rows show the fall", { losses: flat, lowestValidation: 1.1 }, false],
  ["validation rows show none", { losses: flat, lowestValidation: 1.9 }, true],
  ["a frozen loss, long before", { losses: new Array<number>(20).fill(2.5) }, true],
  ["frozen to 1e-7 alone", { losses: losses(20, () => 2.5, 1e-6) }, false],
  ["moving by less than 1e-7 of it", { losses: turns(20, 2.5, 2.5 + 2e-7) }, true],
  ["moving by more", { losses: turns(20, 2.5, 2.5 + 3e-7) }, false],
  ["frozen at nothing", { losses: new Array<number>(20).fill(0) }, true],
  ["frozen for 19 steps", { losses: new Array<number>(19).fill(2.5) }, false],
  ["frozen since a while", { losses: [3, 2.9, 2.7, ...new Array<number>(20).fill(2.5)] }, true],
  ["at twice the patience, the last time", { losses: losses(80, () => 3) }, true],
  [
    "validation rows at 40 % of the start",
    { losses: [5, 5, 5, ...turns(37, 4.9, 5.1)], lowestValidation: 2 },
    true,
  ],
  // scatter of 0.1 about 2.7: the standard error is 0.104 sqrt(1 / 13 + 1 / 3) = 0.067, and a fall must exceed three
  ["a fall by four and a half errors", { losses: [3, 3, 3, ...turns(37, 2.6, 2.8)] }, false],
  ["by two", { losses: [3, 3, 3, ...turns(37, 2.77, 2.97)] }, true],
  ["as high at the end as at the start", { losses: [3, 3, 3, ...turns(24, 2, 4), ...turns(13, 3, 3)] }, true],
])("%s: %j", (_, change, expected) => {
  const found = checkProgress({ ...calm, ...change });
  expect(found !== null).toBe(expected);
});

test("the words name both losses and the rate", () => {
  expect(checkProgress({ ...calm, losses: flat })?.sentence).toMatch(
    /^the training loss has not fallen: 3\.0\d\d in the first 3 steps, 3\.0\d\d in the last 13\. Likely causes: a learning rate \(0\.0001\)/,
  );
  expect(checkProgress({ ...calm, losses: new Array<number>(20).fill(2.5) })?.sentence).toMatch(
    /^the loss has been 2\.50000 for 20 steps\. Likely causes: a learning rate of next to nothing/,
  );
});
