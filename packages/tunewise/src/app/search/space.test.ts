import { expect, test } from "vitest";
import { type Recipe, readRecipe } from "../../recipe/index.ts";
import { keyValue } from "../../search/index.ts";
import { pointOf, searchSpaceOf } from "./space.ts";

const open = { steps: 120, trainRows: 500 };

function recipeOf(text: string): Recipe {
  const { recipe, problems } = readRecipe(`model: ./m\ndata: { train: t.jsonl }\n${text}`, "tunewise.yaml");
  if (recipe === null) throw new Error(problems[0]?.detail);
  return recipe;
}

test("ranges are logarithmic from a factor of ten on, and whole where the key is", () => {
  const { space, defaults } = searchSpaceOf(
    recipeOf(`search:
  space:
    training.learning_rate: { from: 1e-4, to: 1e-3 }
    training.weight_decay: { from: 0, to: 0.5 }
    training.epochs: { from: 1, to: 5 }
    method.rank: { from: 2, to: 64 }
    training.batch_size: { from: 4, to: 32, scale: linear }
    training.steps: { from: 50, to: 200 }
    data.rows.train: { from: 100, to: 1000 }
`),
    open,
  );
  expect(space).toEqual({
    "training.learning_rate": { kind: "log-uniform", low: 1e-4, high: 1e-3 },
    "training.weight_decay": { kind: "uniform", low: 0, high: 0.5 },
    "training.epochs": { kind: "uniform", low: 1, high: 5 },
    "method.rank": { kind: "log-integer", low: 2, high: 64 },
    "training.batch_size": { kind: "integer", low: 4, high: 32 },
    "training.steps": { kind: "integer", low: 50, high: 200 },
    "data.rows.train": { kind: "log-integer", low: 100, high: 1000 },
  });
  // settings left open in the recipe have the values derived from its rows
  expect(defaults).toMatchObject({
    "training.steps": 120,
    "data.rows.train": 500,
    "method.rank": 16,
    "training.epochs": 3,
  });
});

test("a list has the recipe's own value, numbers in order, lists as texts", () => {
  const { space, defaults } = searchSpaceOf(
    recipeOf(`search:
  space:
    method.rank: [32, 4]
    training.schedule: [linear, cosine]
    method.targets: [[q_proj, v_proj], [q_proj]]
    method.rslora: [true, false]
`),
    open,
  );
  expect(space).toEqual({
    "method.rank": { kind: "choice", ordered: true, values: [4, 16, 32] },
    "training.schedule": { kind: "choice", ordered: false, values: ["linear", "cosine"] },
    "method.targets": {
      kind: "choice",
      ordered: false,
      values: ['["q_proj","v_proj"]', '["q_proj"]', "all-linear"],
    },
    "method.rslora": { kind: "choice", ordered: false, values: [true, false] },
  });
  expect(keyValue(defaults["method.targets"] ?? "")).toBe("all-linear");
  expect(keyValue('["q_proj","v_proj"]')).toEqual(["q_proj", "v_proj"]);
});

test("without a space the learning rate is searched around the recipe's", () => {
  const { space } = searchSpaceOf(recipeOf("training: { learning_rate: 1e-3 }\n"), open);
  expect(space).toEqual({ "training.learning_rate": { kind: "log-uniform", low: 2e-4, high: 5e-3 } });
});

test("another recipe is a point of the same space", () => {
  const { space } = searchSpaceOf(recipeOf("search: { space: { method.rank: [4, 8] } }\n"), open);
  expect(pointOf(recipeOf("method: { rank: 8 }\n"), { space }, open)).toEqual({ "method.rank": 8 });
});
