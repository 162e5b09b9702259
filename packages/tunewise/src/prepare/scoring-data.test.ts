import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { readRecipe } from "../recipe/index.ts";
import { readScoring } from "./scoring-data.ts";

function recipeOf(task: string) {
  const { recipe, problems } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\ntask: ${task}`, "r.yaml");
  if (!recipe) throw new Error(problems[0]?.detail);
  return recipe;
}

test("pattern, schema and assertions are read from the recipe's folder", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "s.json"), '{"type": "object"}');
  await writeFile(join(folder, "p.yaml"), "- { type: is-json }\n- { type: javascript, value: 'true' }");
  const recipe = recipeOf(
    "{ metrics: [regex, json_schema, assertions], pattern: '^a', schema: s.json, assertions: p.yaml }",
  );
  const { material, findings } = await readScoring(recipe, folder);
  expect(material).toMatchObject({ pattern: "^a", schema: { type: "object" }, tests: [] });
  expect(material.defaultTest?.assertions.map(({ type }) => type)).toEqual(["is-json"]);
  expect(findings.map(({ code }) => code)).toEqual(["ASSERTION_UNSUPPORTED"]);
});

test.each([
  ["{ metrics: [regex], pattern: '(' }", "SCORING_PATTERN_INVALID"],
  ["{ metrics: [json_schema], schema: none.json }", "SCORING_FILE_UNREADABLE"],
  ["{ metrics: [json_schema], schema: odd.json }", "SCORING_FILE_UNREADABLE"],
])("%s is %s", async (task, code) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "odd.json"), '{"type": 3}');
  await expect(readScoring(recipeOf(task), folder)).rejects.toMatchObject({ code });
});

test.each([
  ["{ metrics: [sql_execution] }", "needs `task.database`"],
  ["{ metrics: [assertions] }", "needs `task.assertions`"],
  ["{ metrics: [exact_match], schema: s.json }", "read by the metric `json_schema` alone"],
  ["{ pattern: a }", "read by the metric `regex` alone"],
])("%s is refused", (task, words) => {
  expect(() => recipeOf(task)).toThrow(words);
});
