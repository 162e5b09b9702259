/** @file Tests when the plateau guard reports that a validation loss has stopped falling. */
import { expect, test } from "vitest";
import { checkPlateau } from "./plateau.ts";

const at = (validation: readonly number[], steps = 200): ReturnType<typeof checkPlateau> =>
  checkPlateau({
    evaluations: validation.map((validationLoss, i) => ({
      step: 10 * (i + 1),
      validationLoss,
      trainLoss: 1,
    })),
    steps,
  });

test.each<[string, readonly number[], number, boolean]>([
  ["falling", [3, 2.5, 2.2, 2, 1.9, 1.8, 1.7, 1.6], 200, false],
  ["flat for five looks", [3, 2, 2, 2, 2, 2, 2], 200, true],
  ["flat for four", [3, 2, 2, 2, 2, 1.9], 200, false],
  ["a gain of less than half a percent", [3, 2, 2, 2, 2, 2, 1.995], 200, true],
  ["a gain of more", [3, 2, 2, 2, 2, 2, 1.98], 200, false],
  ["near the end", [3, 2, 2, 2, 2, 2, 2], 80, false],
  [
    "a third of many looks is asked for",
    [...new Array<number>(20).fill(0).map((_, i) => 5 - 0.2 * i), 1.3, 1.3, 1.3, 1.3, 1.3, 1.3],
    600,
    false,
  ],
  ["a gain of half a percent", [300, 200, 200, 200, 200, 200, 199], 200, true],
  ["a gain beside a look without a number", [3, 2, 2, Number.NaN, 2, 2, 2, 1.9], 200, false],
  ["flat from the first look on, for five", [2, 2, 2, 2, 2], 200, false],
  ["for six", [2, 2, 2, 2, 2, 2], 200, true],
  ["at four fifths of the steps", [3, 2, 2, 2, 2, 2, 2, 2], 100, true],
  ["looks without a number", [3, 2, Number.NaN, 2, 2, 2, 2, 2], 200, true],
])("%s", (_, validation, steps, expected) => {
  expect(at(validation, steps) !== null).toBe(expected);
});

test("a loss that rose since is not below what it was", () => {
  expect(at([3, 2, 2.3, 2.2, 2.1, 2.2, 2.3])?.sentence).toContain("2.000 by step 20 and 2.100 since.");
});

test("the words name the looks and both losses", () => {
  expect(at([3, 2, 2.1, 2, 2, 2, 2])?.sentence).toBe(
    "the validation loss has not fallen for 5 evaluations: its minimum was 2.000 by step 20 and 2.000 since. " +
      "A falling learning rate may still bring a small gain.",
  );
});

test("the lowest before the last five looks is set against the lowest of those five", () => {
  expect(at([4, 3, 2.5, 2.2, 2.19, 2.195, 2.2, 2.195, 2.2])).toEqual({
    guard: "plateau",
    since: 40,
    isHint: false,
    sentence: expect.stringContaining("minimum was 2.200 by step 40 and 2.190 since."),
  });
});
