/** @file Tests the futility guard on runs that are futile by forecast or by a turned loss, and on runs that are not. */
import { describe, expect, test } from "vitest";
import { checkFutility, type FutilityState } from "./futility.ts";

/** Cumulative sums of a constant learning rate. */
const areas = (steps: number): number[] => Array.from({ length: steps + 1 }, (_, step) => step);

/** A state with an evaluation every eight steps. */
function state(
  law: (step: number) => number,
  change: Partial<FutilityState> & { looks?: number; steps?: number } = {},
): FutilityState {
  const { looks = 7, steps = 160, ...more } = change;
  const evaluations = Array.from({ length: looks }, (_, i) => {
    const step = 8 * (i + 1);
    return { step, validationLoss: law(step), trainLoss: law(step) };
  });
  return {
    evaluations,
    rateAreas: areas(steps),
    warmupSteps: 8,
    target: { loss: 1, of: "run r-1", curve: [] },
    ...more,
  };
}

const slow = (step: number): number => 4 - 0.001 * step;
const quick = (step: number): number => 0.5 + 8 * step ** -0.6;

const steady = (step: number): number => 10 * step ** -0.5;
const wild = (step: number): number => steady(step) * (step % 16 === 0 ? 1.4 : 1);
/** Cumulative sums of a rate that is almost zero from step 60 on. */
const ending = areas(160).map((area) => Math.min(area, 60 + area / 1e6));

describe("judgeDoomed", () => {
  test.each<[string, FutilityState, boolean]>([
    ["far above the target and hardly falling", state(slow), true],
    ["falling below the target by its course", state(quick), false],
    ["nothing to beat", state(slow, { target: null }), false],
    ["below the target already", state(() => 0.9), false],
    ["fewer than three looks after the warm-up", state(slow, { looks: 3 }), false],
    ["three", state(slow, { looks: 4 }), true],
    ["before 15 % of the steps", state(slow, { steps: 300, looks: 5 }), false],
    ["at the last step there is nothing to save", state(slow, { looks: 20 }), false],
    ["looks without a number do not count", state((step) => (step > 16 ? Number.NaN : 4)), false],
    ["within 13 % of the target nobody is judged", state((step) => 1.1 - step / 1e5), false],
    ["falling below the target at a constant rate", state(steady), false],
    ["the same where the rate ends soon", state(steady, { rateAreas: ending }), true],
    ["scatter that a rate may have caused", state(wild, { rateAreas: ending }), false],
  ])("%s", (_, given, expected) => {
    expect(checkFutility(given) !== null).toBe(expected);
  });

  // a constant loss has a forecast fall of 0 with an error of 8 %: e^0.16 is two errors above the target, e^0.12 is 1.5
  test.each([
    [0.5, 0.16, "2.3 %"],
    [1, 0.16, "2.3 %"],
    [20, 0.16, "2.3 %"],
    [0.5, 0.12, null],
    [20, 0.12, null],
  ])("a target of %d, %d below in logarithms: %s", (loss, above, chance) => {
    const target = { loss, of: "run r-1", curve: [] };
    const sentence = checkFutility(state(() => loss * Math.exp(above), { target }))?.sentence ?? null;
    if (chance === null) expect(sentence).toBeNull();
    else
      expect(sentence).toContain(
        `The probability of falling below ${loss.toPrecision(4)} (run r-1) is ${chance}.`,
      );
  });

  test("what is found is sure, and wrong from the last look on", () => {
    expect(checkFutility(state(slow))).toMatchObject({ guard: "futility", since: 56, isHint: false });
  });

  test("names the loss foreseen, its range, the target and whose it is", () => {
    expect(checkFutility(state(slow))?.sentence).toMatch(
      /^the validation loss is 3\.944 at step 56, and its lowest will be near 3\.9\d+ \(3\.\d+ to 3\.944\), if it falls with the remaining learning rate as in the last 5 evaluations\. The probability of falling below 1\.000 \(run r-1\) is 0\.0 %\.$/,
    );
  });

  const said = (looks: readonly (readonly [validationLoss: number, trainLoss: number])[]): string => {
    const evaluations = looks.map(([validationLoss, trainLoss], i) => ({
      step: 8 * (i + 1),
      validationLoss,
      trainLoss,
    }));
    return checkFutility({ ...state(slow), evaluations })?.sentence ?? "";
  };
  /** The finding on a loss that has turned; the last training losses are the given shares of the validation losses. */
  const turned = (validation: readonly number[], gaps: readonly number[]): string =>
    said(validation.map((loss, i) => [loss, (gaps[i - validation.length + gaps.length] ?? 1) * loss]));

  test("a loss that has turned does not come back, once training rows are known by heart", () => {
    expect(turned([3, 2, 1.2, 1.3, 1.4, 1.5], [0.4, 0.4, 0.4])).toBe(
      "the validation loss was lowest at step 24 (1.200), above 1.000 (run r-1), and has risen to 1.500 since, while " +
        "the training loss fell to 0.6000: the model memorizes the training rows.",
    );
  });

  test.each<[string, number[], number[], boolean]>([
    ["two looks far above the lowest", [3, 2, 1.2, 1.3, 1.4], [0.4, 0.4], true],
    ["one", [3, 2, 1.2, 1.15, 1.4], [0.4, 0.4], false],
    ["two a little above", [3, 2, 1.2, 1.24, 1.25], [0.4, 0.4], false],
    ["three a little above", [3, 2, 1.2, 1.24, 1.25, 1.25], [0.4, 0.4, 0.4], true],
    ["training rows are not far below", [3, 2, 1.2, 1.3, 1.4, 1.5], [0.75, 0.75, 0.75], false],
    ["a gap that is one wild look's", [3, 2, 1.2, 1.3, 1.3, 2.5], [0.75, 0.75, 0.4], false],
    ["the training loss has not fallen", [3, 2, 0.8 * 1.5, 3, 3], [0.6, 0.6], false],
    ["four far above the lowest", [3, 2, 1.2, 1.3, 1.4, 1.5, 1.6], [0.4, 0.4, 0.4, 0.4], true],
    ["two above it by a twentieth, no more", [3, 2.5, 2, 2.1, 2.1], [0.4, 0.4], false],
    ["at 15 % of the steps", [1.2, 1.3, 1.4], [0.4, 0.4], true],
    ["once the target was reached", [3, 2, 0.9, 1.3, 1.4], [0.4, 0.4], false],
    ["once the target was met", [3, 2, 1, 1.3, 1.4], [0.4, 0.4], false],
  ])("%s: %j", (_, validation, gaps, expected) => {
    expect(turned(validation, gaps).includes("memorizes")).toBe(expected);
  });

  test.each<[string, [number, number][], boolean]>([
    [
      "seven tenths of the validation loss",
      [
        [3, 9],
        [2, 8],
        [10, 7],
        [10, 7],
      ],
      true,
    ],
    [
      "more than that",
      [
        [3, 9],
        [2, 8],
        [10, 7.01],
        [10, 7.01],
      ],
      false,
    ],
    [
      "as much as at the lowest",
      [
        [3, 9],
        [2, 7],
        [10, 7],
        [10, 7],
      ],
      false,
    ],
  ])("a training loss that is %s", (_, looks, expected) => {
    expect(said(looks).includes("memorizes")).toBe(expected);
  });

  test("of equally low looks the first is named", () => {
    expect(turned([3, 2, 1.2, 1.2, 1.3, 1.4], [0.4, 0.4])).toContain("was lowest at step 24 (1.200)");
  });

  test.each<[string, (step: number) => number, number, boolean]>([
    ["as far as the other run was by now", slow, 1, false],
    ["a little behind it", (step) => slow(step) / 1.1, 1, false],
    ["well behind it", (step) => slow(step) / 1.2, 1, true],
    ["looks of the other run are later alone", slow, 100, true],
    ["the other run was done by now", (step) => (step > 40 ? 1 : 4), 1, true],
  ])("%s", (_, law, from, expected) => {
    const curve = [8, 24, 48, 160].map((step) => ({ step: step * from, loss: law(step) }));
    const target = { loss: 1, of: "run r-1", curve };
    expect(checkFutility(state(slow, { target })) !== null).toBe(expected);
  });

  test.each<[string, number, [step: number, loss: number][], boolean]>([
    ["within 14 % of its loss", (1 + 0.14) * 4, [[8, 4]], false],
    ["beyond", 4.57, [[8, 4]], true],
    [
      "its look at this very step counts",
      4,
      [
        [8, 9],
        [56, 3],
      ],
      true,
    ],
    [
      "its best so far counts, not its last",
      4,
      [
        [8, 9],
        [24, 3.4],
        [56, 4],
      ],
      true,
    ],
  ])("abreast of the other run: %s", (_, loss, looks, expected) => {
    const curve = looks.map(([step, other]) => ({ step, loss: other }));
    const target = { loss: 1, of: "run r-1", curve };
    expect(checkFutility(state(() => loss, { target })) !== null).toBe(expected);
  });

  test("rows that are learned by heart are no better for having been as far", () => {
    const curve = [{ step: 8, loss: 4 }];
    const evaluations = [3, 2, 1.2, 1.3, 1.4].map((validationLoss, i) => ({
      step: 8 * (i + 1),
      validationLoss,
      trainLoss: i > 2 ? 0.2 : validationLoss,
    }));
    const target = { loss: 1, of: "run r-1", curve };
    expect(checkFutility({ ...state(slow), evaluations, target })?.sentence).toContain("memorizes");
  });

  test("the same looks give the same verdict", () => {
    expect(checkFutility(state(slow))).toEqual(checkFutility(state(slow)));
  });
});
