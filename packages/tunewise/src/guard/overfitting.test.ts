/** @file Tests the overfitting guard on a table of curves, and its rates of false and true positives under noise. */
import { describe, expect, it } from "vitest";
import { checkOverfitting, type OverfittingState, risesBeyondNoise } from "./overfitting.ts";

/** A state with the given validation losses; the training loss falls unless given. */
function state(
  validation: number[],
  more: Partial<OverfittingState> & { train?: number[] } = {},
): OverfittingState {
  const evaluations = validation.map((validationLoss, i) => ({
    step: 10 * (i + 1),
    validationLoss,
    trainLoss: more.train?.[i] ?? 2 / (i + 1),
  }));
  return { evaluations, patience: 3, ...more };
}

const rising = [2, 1.5, 1.2, 1.3, 1.42, 1.49, 1.6];
const cases: [string, OverfittingState, string][] = [
  ["nothing yet", state([]), "nothing"],
  ["one evaluation", state([2]), "nothing"],
  ["falling", state([2, 1.5, 1.2, 1, 0.9]), "nothing"],
  ["rising, not yet for three evaluations", state(rising.slice(0, 5)), "nothing"],
  ["rising for four", state(rising), "found"],
  ["both rise: not overfitting", state(rising, { train: [1, 0.9, 0.8, 1, 1.2, 1.4, 1.6] }), "nothing"],
  ["a rise of no weight", state([2, 1.5, 1.2, 1.201, 1.202, 1.203, 1.204]), "nothing"],
  ["three that scatter", state([2, 1.5, 1.2, 1.3, 1.25, 1.35]), "nothing"],
  ["a patience of 0 is taken as 2", state([2, 1.5, 1.2, 1.4], { patience: 0 }), "nothing"],
  ["a clean rise, not yet for three evaluations", state([2, 1.5, 1, 1.25, 1.5]), "nothing"],
  ["... which is enough for a patience of two", state([2, 1.5, 1, 1.25, 1.5], { patience: 2 }), "found"],
  ["a training loss that stays", state(rising, { train: rising.map(() => 1) }), "nothing"],
  ["a first evaluation that is NaN", state([Number.NaN, ...rising.slice(1)]), "found"],
  ["NaN evaluations are left out", state([2, 1.5, Number.NaN, ...rising.slice(2)]), "found"],
  ["a rise that may be won back", state([2, 1.5, 1.2, 1.21, 1.22, 1.23, 1.24, 1.25]), "hint"],
];

describe("judgeOverfitting", () => {
  it.each(cases)("%s", (_, given, expected) => {
    const found = checkOverfitting(given);
    expect(found === null ? "nothing" : found.isHint ? "hint" : "found").toBe(expected);
  });

  // a line without noise: the mean of the last three is two increments above the best
  it.each([
    [0.004, "nothing"],
    [0.006, "hint"],
    [0.049, "hint"],
    [0.051, "found"],
  ])("a rise by a share of %d is %s", (share, expected) => {
    const found = checkOverfitting(state([2, 1.5, ...[0, 1, 2, 3].map((at) => 1 + (at * share) / 2)]));
    expect(found === null ? "nothing" : found.isHint ? "hint" : "found").toBe(expected);
  });

  // the mean of the last three is above the best by 0.5 % of it, and by 5 %
  it.each([
    [0.9, "nothing"],
    [1, "hint"],
    [9.5, "hint"],
    [10, "found"],
  ])("at a loss of 200 a rise by %d is %s", (rise, expected) => {
    const found = checkOverfitting(state([400, 300, ...[0, 1, 2, 3].map((at) => 200 + (at * rise) / 2)]));
    expect(found === null ? "nothing" : found.isHint ? "hint" : "found").toBe(expected);
  });

  it("counts from the first of equally good steps", () => {
    expect(checkOverfitting(state([2, 1, 1, 1.2, 1.4, 1.6, 1.8, 2]))).toMatchObject({
      since: 21,
      sentence: expect.stringContaining("rose from 1.000 at step 20 to 2.000 at step 80"),
    });
  });

  it("is wrong from the step after the best one on", () => {
    expect(checkOverfitting(state(rising))?.since).toBe(31);
  });

  it("says the best step and both losses", () => {
    expect(checkOverfitting(state(rising))?.sentence).toBe(
      "the validation loss rose from 1.200 at step 30 to 1.600 at step 70 while the training loss fell from " +
        "0.6667 to 0.2857: the model memorizes the training rows. The best result so far is step 30.",
    );
  });

  it("cries wolf in at most 6 % of flat noisy runs", () => {
    const random = seeded(7);
    const alarms = count(500, () => everWarns(Array.from({ length: 20 }, () => 1 + 0.05 * normal(random))));
    expect(alarms).toBeLessThanOrEqual(30);
  });

  it("notices at least 95 % of runs that overfit under the same noise", () => {
    const random = seeded(11);
    const curve = (i: number): number => 1 + Math.exp(-i / 2) + 0.06 * Math.max(0, i - 6);
    const found = count(200, () =>
      everWarns(Array.from({ length: 20 }, (_, i) => curve(i) + 0.05 * normal(random))),
    );
    expect(found).toBeGreaterThanOrEqual(190);
  });
});

describe("risesBeyondNoise", () => {
  it.each([
    [[], false],
    [[1, 5], false],
    [[1, 2, 3], true],
    [[3, 2, 1], false],
    [[1, 1, 1, 1], false],
    [[1, 2, 1, 2, 1, 2], false],
    [Array.from({ length: 30 }, (_, i) => 0.1 * i + (i % 2)), true],
  ])("%j", (values, expected) => {
    expect(risesBeyondNoise(values)).toBe(expected);
  });
});

function everWarns(values: number[]): boolean {
  return values.some((_, i) => checkOverfitting(state(values.slice(0, i + 1))) !== null);
}

function count(runs: number, happens: () => boolean): number {
  return Array.from({ length: runs }, happens).filter(Boolean).length;
}

/** Park-Miller generator, values in (0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
