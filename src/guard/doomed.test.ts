/** @file Runs that cannot win any more: by forecast, by having turned, and runs that still may. */
import { describe, expect, test } from "vitest";
import { type DoomedState, judgeDoomed } from "./doomed.ts";

/** Looks every eight steps. */
function state(
  law: (step: number) => number,
  change: Partial<DoomedState> & { looks?: number } = {},
): DoomedState {
  const evaluations = Array.from({ length: change.looks ?? 7 }, (_, i) => {
    const step = 8 * (i + 1);
    return { step, validationLoss: law(step), trainLoss: law(step) };
  });
  return { evaluations, steps: 160, warmupSteps: 8, target: { loss: 1, of: "run r-1" }, ...change };
}

const slow = (step: number): number => 4 - 0.001 * step;
const quick = (step: number): number => 0.5 + 8 * step ** -0.6;

describe("judgeDoomed", () => {
  test.each<[string, DoomedState, boolean]>([
    ["far above the target and hardly falling", state(slow), true],
    ["falling below the target by its course", state(quick), false],
    ["nothing to beat", state(slow, { target: null }), false],
    ["below the target already", state(() => 0.9), false],
    ["fewer than four looks after the warm-up", state(slow, { looks: 4 }), false],
    ["four", state(slow, { looks: 5 }), true],
    ["before 15 % of the steps", state(slow, { steps: 300, looks: 5 }), false],
    ["at the last step there is nothing to save", state(slow, { looks: 20 }), false],
    ["looks without a number do not count", state((step) => (step > 24 ? Number.NaN : 4)), false],
  ])("%s", (_, given, expected) => {
    expect(judgeDoomed(given) !== null).toBe(expected);
  });

  test("names the loss foreseen, its range, the target and whose it is", () => {
    expect(judgeDoomed(state(slow))?.sentence).toMatch(
      /^the validation loss is 3\.944 at step 56, and its lowest will be near 3\.\d+ \(\d\.\d+ to 3\.\d+\), by a power law through 6 looks\. The chance to come below 1\.000 \(run r-1\) is 0\.0 %\.$/,
    );
  });

  test("a loss that has turned does not come back, once training rows are known by heart", () => {
    const validation = [3, 2, 1.2, 1.3, 1.4, 1.5];
    const turned = (gap: number): DoomedState => ({
      ...state(slow),
      evaluations: validation.map((validationLoss, i) => ({
        ...{ step: 8 * (i + 1), validationLoss },
        trainLoss: i > 2 ? gap * validationLoss : validationLoss,
      })),
    });
    expect(judgeDoomed(turned(0.4))?.sentence).toBe(
      "the validation loss was lowest at step 24 (1.200), above 1.000 (run r-1), and has risen to 1.500 since, while " +
        "the training loss fell to 0.6000: the rows are learned by heart.",
    );
    expect(judgeDoomed(turned(0.75))?.sentence ?? "").not.toContain("by heart");
  });

  test("the same looks give the same verdict", () => {
    expect(judgeDoomed(state(slow))).toEqual(judgeDoomed(state(slow)));
  });
});
