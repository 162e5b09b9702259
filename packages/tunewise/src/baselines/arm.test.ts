import { expect, test } from "vitest";
import { readRecipe } from "../recipe/index.ts";
import { armLines } from "./arm.ts";

function linesOf(yaml: string) {
  const { recipe, problems } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${yaml}`, "r.yaml");
  if (!recipe) throw new Error(JSON.stringify(problems));
  return armLines(recipe);
}

test("a line with several amounts is one choice; candidates are told apart", () => {
  const [line] = linesOf("comparison: [{ examples: [2, 4, 4] }]");
  expect(line?.name).toBe("prompt + examples");
  expect(line?.candidates.map(({ name, id, examples }) => [name, id, examples])).toEqual([
    ["prompt + 2 examples", "prompt-2-examples", 2],
    ["prompt + 4 examples", "prompt-4-examples", 4],
  ]);
});

test("two lines that do the same have files of their own", () => {
  const ids = linesOf("comparison: [{ name: A }, { name: a! }]").map(({ candidates }) => candidates[0].id);
  expect(ids).toEqual(["a", "a-2"]);
});

test("the usual arms go from the cheapest to the tuned model; documents bring passages", () => {
  expect(linesOf("task: { kind: classify }").map(({ name }) => name)).toEqual([
    "prompt",
    "prompt + examples",
    "neighbours",
    "tuned",
  ]);
  const looked = linesOf("retrieval: { documents: [docs] }").map(({ name }) => name);
  expect(looked).toEqual([
    "prompt",
    "prompt + examples",
    "prompt + passages",
    "prompt + 2 examples + 3 passages",
    "prompt + 3 right passages",
    "tuned",
    "tuned + 3 passages",
  ]);
});
