/** @file Chat templates and their variables in recipes: read, recorded, refused. */
import { expect, test } from "vitest";
import { effectiveConfiguration, readConfiguration } from "./configuration.ts";
import { templateKey } from "./model-section.ts";
import { readRecipe } from "./read.ts";

const modelOf = (more: string) =>
  readRecipe(`model: { source: a/b${more} }\ndata: { train: a.jsonl }\n`, "tunewise.yaml");

test("variables keep their names and their order, also in the record of a run", () => {
  const given = "chat_template_kwargs: { enable_thinking: false, documents: [{ z_b: 1, aB: null }] }";
  const { recipe } = modelOf(`, chat_template: "{{ messages }}", ${given}`);
  if (recipe === null) throw new Error("not read");
  const recorded = readConfiguration(effectiveConfiguration(recipe), "configuration.json").recipe;
  for (const { model } of [recipe, recorded ?? recipe]) {
    expect(JSON.stringify(model.chatTemplateKwargs)).toBe(
      '{"enable_thinking":false,"documents":[{"z_b":1,"aB":null}]}',
    );
    expect(model.chatTemplate).toBe("{{ messages }}");
  }
});

test("recipes without them keep their configuration, and with it the fingerprints of their runs", () => {
  const { recipe } = modelOf("");
  if (recipe === null) throw new Error("not read");
  expect(JSON.parse(effectiveConfiguration(recipe)).model).toEqual({
    architecture: null,
    revision: "main",
    source: "a/b",
  });
  expect(templateKey(recipe.model)).toBe("");
});

test.each([
  ["chat_template_kwargs: { tools: [] }", "RECIPE_CONFLICT", "`tools` is not a variable that can be chosen"],
  ["chat_template_kwargs: { add_generation_prompt: true }", "RECIPE_CONFLICT", "`add_generation_prompt` is"],
  ["chat_template_kwargs: { n: .nan }", "RECIPE_VALUE_INVALID", "variables of the chat template"],
  ['chat_template_kwargs: { "a b": 1 }', "RECIPE_VALUE_INVALID", "variables of the chat template"],
  ["chat_template_kwargs: [1]", "RECIPE_VALUE_INVALID", "variables of the chat template"],
  ["chat_template: 7", "RECIPE_VALUE_INVALID", "`tools`, a file of a Jinja template, or its text"],
])("%s is refused", (text, code, detail) => {
  const { recipe, problems } = modelOf(`, ${text}`);
  expect(recipe).toBeNull();
  expect(problems).toMatchObject([{ code, detail: expect.stringContaining(detail) }]);
});
