import { expect, test } from "vitest";
import { readRecipe } from "../../recipe/index.ts";
import { armMetrics, scoreArm } from "./score-arm.ts";

function recipeOf(task: string) {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\ntask: ${task}`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return recipe;
}

test("metrics of losses are left out; with nothing else there is nothing to compare arms by", () => {
  expect(armMetrics(recipeOf("{ kind: text, metrics: [perplexity, rouge_l] }"))).toEqual(["rouge_l"]);
  const lossOnly = recipeOf("{ kind: text, metrics: [perplexity] }");
  expect(() => armMetrics(lossOnly)).toThrow(expect.objectContaining({ code: "ARMS_WITHOUT_METRIC" }));
});

test("labels are those of the recipe, else those of the training rows", () => {
  const [score] = scoreArm(recipeOf("{ kind: classify }"), ["cat", "dog"], ["cat", "dog"], ["cat", "dog"]);
  expect(score).toMatchObject({ metric: "accuracy", value: 1, rows: 2 });
});
