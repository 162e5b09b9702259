import { expect, test } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import { resultOnAllRows, slicedPoint, sliceFraction } from "./run-trial.ts";

const recipeOf = (text: string) => {
  const { recipe, problems } = readRecipe(`model: ./m\ndata: { train: t.jsonl }\n${text}\n`, "tunewise.yaml");
  if (recipe === null) throw new Error(JSON.stringify(problems));
  return recipe;
};
const open = { steps: 90, trainRows: 100 };
const point = { "training.learning_rate": 1e-3 };

test("a rung is a slice where rungs are rows, and it is not all of them", () => {
  const byRows = recipeOf("search: { fidelity: rows }");
  expect(sliceFraction(byRows, 1 / 3)).toBe(1 / 3);
  expect(sliceFraction(byRows, 1)).toBeUndefined();
  expect(sliceFraction(recipeOf("search: {}"), 1 / 3)).toBeUndefined();
});

test("a slice has a share of the rows, and of the steps where steps are given", () => {
  expect(slicedPoint(point, 1 / 9, recipeOf("training: { epochs: 2 }"), open)).toEqual({
    ...point,
    "data.rows.train": 11,
  });
  expect(slicedPoint(point, 1 / 3, recipeOf("training: { steps: 90 }"), open)).toEqual({
    ...point,
    "data.rows.train": 33,
    "training.steps": 30,
  });
  const searched = { ...point, "training.steps": 60 };
  expect(slicedPoint(searched, 1 / 3, recipeOf(""), open)["training.steps"]).toBe(20);
  expect(slicedPoint(point, 1e-4, recipeOf(""), open)["data.rows.train"]).toBe(1);
});

test("a whole training on a slice is its rung; one that was cut off is so much of it", () => {
  const done = { status: "reached", to: 1, at: 1, value: 2, curve: [[0.5, 3]], sentence: "" } as const;
  expect(resultOnAllRows(done, 1 / 9)).toEqual({ ...done, to: 1 / 9, at: 1 / 9, curve: [] });
  const cut = { ...done, status: "cut", at: 0.5, value: null } as const;
  expect(resultOnAllRows(cut, 1 / 3)).toMatchObject({ to: 1 / 3, at: 1 / 6, value: null });
});
