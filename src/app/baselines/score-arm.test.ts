import { expect, test } from "vitest";
import type { Example } from "../../dataset/index.ts";
import { noScoringData } from "../../evaluate/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { armMetrics, scoreArm } from "./score-arm.ts";

function recipeOf(task: string) {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\ntask: ${task}`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return recipe;
}

const rowOf = (question: string, answer: string): Example =>
  ({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  }) as unknown as Example;
const scorerOf = (task: string) => ({
  ...{ recipe: recipeOf(task), folder: ".", material: noScoringData, knownLabels: ["cat", "dog"], node: [] },
});
const answerOf = (answer: string) => ({ answer, seconds: 0.2, microUsd: 5 });

test("metrics of losses are left out; with nothing else there is nothing to compare arms by", () => {
  expect(armMetrics(recipeOf("{ kind: text, metrics: [perplexity, rouge_l] }"))).toEqual(["rouge_l"]);
  const lossOnly = recipeOf("{ kind: text, metrics: [perplexity] }");
  expect(() => armMetrics(lossOnly)).toThrow(expect.objectContaining({ code: "ARMS_WITHOUT_METRIC" }));
});

test("labels are those of the recipe, else those of the training rows", async () => {
  const rows = [rowOf("meow", "cat"), rowOf("woof", "dog")];
  const [score] = await scoreArm(
    scorerOf("{ kind: classify }"),
    ["accuracy"],
    [answerOf("cat"), answerOf("dog")],
    rows,
  );
  expect(score).toMatchObject({ metric: "accuracy", value: 1, rows: 2 });
});

test("assertions see what was asked, what an answer cost and how long it took", async () => {
  const limit = (type: "cost" | "latency", threshold: number) =>
    ({ type, isNegated: false, value: null, threshold, weight: 1, metric: null }) as const;
  const defaultTest = {
    vars: {},
    assertions: [limit("cost", 0.00001), limit("latency", 100)],
    threshold: null,
  };
  const material = { ...noScoringData, defaultTest };
  const rows = [rowOf("meow", "cat")];
  const scorer = { ...scorerOf("{ kind: classify }"), material };
  const [slow] = await scoreArm(scorer, ["assertions"], [answerOf("cat")], rows);
  const [quick] = await scoreArm(scorer, ["assertions"], [{ ...answerOf("cat"), seconds: 0.05 }], rows);
  expect([slow?.value, quick?.value]).toEqual([0, 1]);
});
