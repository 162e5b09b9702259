/** @file Tests which checkpoint becomes the result, from a checkpoint's recorded state. */

import type { TrainingState } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { type CheckpointSelection, type Recipe, readRecipe, requireRecipe } from "../../recipe/index.ts";
import { selectCheckpoint, tradeoffPoints } from "./select-checkpoint.ts";
import { stepsBetweenForgettingChecks } from "./training-schedule.ts";

const recipeOf = (selection: CheckpointSelection): Recipe =>
  requireRecipe(
    readRecipe(
      `model: a/b\ndata: { train: a.jsonl }\ntraining: { checkpoint_selection: ${selection} }\n`,
      "x",
    ),
    "x",
  );

const look = (step: number, perplexityRise: number | null) => ({
  step,
  perplexityRise,
  low: null,
  high: null,
  taskDrop: null,
  probabilityDrop: null,
  kl: null,
});

const info: TrainingState = {
  step: 30,
  best: { step: 30, loss: 1 },
  curves: {
    train: [],
    validation: [
      [10, 2],
      [20, 1.5],
      [30, 1],
    ],
  },
  forgetting: [look(10, 0.01), look(20, 0.03), look(30, 0.2), look(35, 0)],
  tokens: 0,
  trainSeconds: 0,
  sessions: 1,
};

describe("stepToKeep", () => {
  test.each<[CheckpointSelection, number]>([
    ["best", 30],
    ["last", 30],
    ["best-tradeoff", 20],
  ])("%s: %i", (selection, step) => {
    expect(selectCheckpoint(info, recipeOf(selection))).toBe(step);
  });

  test("falls back on the validation loss where nothing was measured of forgetting", () => {
    expect(selectCheckpoint({ ...info, forgetting: [] }, recipeOf("best-tradeoff"))).toBe(30);
    expect(selectCheckpoint({ ...info, forgetting: [look(10, null)] }, recipeOf("best-tradeoff"))).toBe(30);
    expect(selectCheckpoint({ ...info, best: null, forgetting: [] }, recipeOf("best"))).toBeNull();
  });

  test("weighs only steps with both numbers", () => {
    expect(tradeoffPoints(info).map(({ step }) => step)).toEqual([10, 20, 30]);
  });
});

test.each([
  [100, 10, 10],
  [200, 10, 10],
  [201, 10, 10],
  [210, 10, 20],
  [1_000, 10, 50],
  [5, 10, 10],
  [1_000_000, 1, 50_000],
])("%i steps with a look every %i: every %i", (steps, every, between) => {
  expect(stepsBetweenForgettingChecks(steps, every)).toBe(between);
  expect(Math.floor(steps / between)).toBeLessThanOrEqual(20);
});
