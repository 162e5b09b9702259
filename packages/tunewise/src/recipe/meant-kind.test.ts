/** @file Alternative names of task kinds: the fix suggests the intended kind. */
import { expect, test } from "vitest";
import { readRecipe } from "./read.ts";

test.each([
  ["classification", "classify"],
  ["classifier", "classify"],
  ["structured", "json"],
  ["summarization", "text"],
])("task.kind %s: %s is suggested", (found, kind) => {
  const { problems } = readRecipe(
    `model: a/b\ndata: { train: t.jsonl }\ntask: { kind: ${found} }\n`,
    "t.yaml",
  );
  expect(problems[0]?.fix).toBe(`write \`kind: ${kind}\``);
});
