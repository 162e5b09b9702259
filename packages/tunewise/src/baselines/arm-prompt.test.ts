import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { readRecipe } from "../recipe/index.ts";
import { armLines } from "./arm.ts";
import { armPrompt, citedPassages, guidanceOf } from "./arm-prompt.ts";

function recipeOf(yaml: string) {
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${yaml}`, "r.yaml");
  if (!recipe) throw new Error("the recipe does not read");
  return recipe;
}

const row = (question: string, answer: string): Example => ({
  messages: [
    { role: "system", content: "Be kind." },
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ],
  file: "a.jsonl",
  row: 1,
  line: 1,
});

function promptOf(yaml: string, shown: Parameters<typeof armPrompt>[2]) {
  const recipe = recipeOf(yaml);
  const [arm] = armLines(recipe)[0]?.candidates ?? [];
  if (!arm) throw new Error("no arm");
  return armPrompt(arm, row("Where is it?", "there"), shown, guidanceOf(recipe, ["here", "there"]));
}

test("instructions join the row's own system message; the answer is not shown", () => {
  const asked = promptOf("task: { kind: classify }", { examples: [], passages: [] });
  expect(asked).toEqual([
    {
      role: "system",
      content: "Be kind.\n\nAnswer with exactly one of these labels and nothing else: here, there",
    },
    { role: "user", content: "Where is it?" },
  ]);
});

test("a tuned model is asked as in training", () => {
  const asked = promptOf("task: { kind: classify }\ncomparison: [{ model: tuned }]", {
    examples: [],
    passages: [],
  });
  expect(asked[0]?.content).toBe("Be kind.");
});

test("examples are turns before the question, passages stand above it with their places", () => {
  const shown = {
    examples: [row("And this?", "here")],
    passages: [{ title: "guide.md, line 3", text: "It lies." }],
  };
  const asked = promptOf("decision: { must_cite: true }", shown);
  expect(asked.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
  expect(asked[2]?.content).toBe("here");
  expect(asked[3]?.content).toBe(
    "Passages:\n\n[1] guide.md, line 3\nIt lies.\n\nAnswer from the passages. Name the numbers of the passages that the answer rests on, such as [1].\n\nWhere is it?",
  );
});

test("cited are passages that were shown, each once", () => {
  expect(citedPassages("As [2] says, and [2], [1]; not [7] or [0].", 3)).toEqual([2, 1]);
});
