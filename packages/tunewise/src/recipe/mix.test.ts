/** @file `data.mix`: several sources of training rows in place of `data.train`. */
import { describe, expect, test } from "vitest";
import { effectiveConfiguration, readConfiguration } from "./configuration.ts";
import { dataSources, withSources } from "./data-sources.ts";
import { readRecipe } from "./read.ts";

const read = (data: string) => readRecipe(`model: a/b\ndata:\n${data}`, "tunewise.yaml");
const two = "  mix: [{ file: a.jsonl, weight: 2 }, { file: b/, weight: 0.5, rows: 5000 }]\n";

test("sources with weights and limits", () => {
  const { recipe, problems } = read(two);
  expect(problems).toEqual([]);
  expect(recipe?.data).toMatchObject({
    train: null,
    mix: [
      { file: "a.jsonl", weight: 2, rows: null },
      { file: "b/", weight: 0.5, rows: 5000 },
    ],
  });
  const configuration = recipe === null ? "" : effectiveConfiguration(recipe);
  expect(readConfiguration(configuration, "recorded.json").recipe).toEqual(recipe);
});

test("recipes without it keep the configuration that earlier versions recorded", () => {
  const { recipe } = read("  train: a.jsonl\n");
  expect(recipe === null || effectiveConfiguration(recipe)).not.toContain("mix");
});

test.each([
  ["  format: auto\n", "RECIPE_KEY_MISSING", "`data.train`"],
  ["  train: null\n", "RECIPE_VALUE_INVALID", "`data.train`"],
  [`  train: c.jsonl\n${two}`, "RECIPE_CONFLICT", "both name training rows"],
  ["  mix: []\n", "RECIPE_CONFLICT", "No source is left"],
  ["  mix: [{ file: a.jsonl, weight: 1 }, { file: b.csv }]\n", "RECIPE_CONFLICT", "this one has none"],
  ["  mix: [{ file: a.jsonl, weight: 0 }]\n", "RECIPE_VALUE_INVALID", "a number above 0"],
  ["  mix: [{ file: a.exe }]\n", "RECIPE_VALUE_INVALID", "a file ending in"],
  ["  mix: [{ weight: 1 }]\n", "RECIPE_KEY_MISSING", "`data.mix[1].file`"],
  [`${two}  test: a.jsonl\n`, "RECIPE_CONFLICT", "The test rows are the training rows"],
])("%j is refused: %s", (data, code, detail) => {
  const { recipe, problems } = read(data);
  expect(recipe).toBeNull();
  expect(problems.map((one) => one.code)).toEqual([code]);
  expect(problems[0]?.detail).toContain(detail);
});

describe("sources of a data section", () => {
  test("are listed with their keys, and replaced in the same order", () => {
    const { recipe } = read(`${two}  test: t.csv\n`);
    if (recipe === null) throw new Error("the recipe is wrong");
    expect(dataSources(recipe.data).map(({ key, source }) => `${key} ${source}`)).toEqual([
      "data.mix[1].file a.jsonl",
      "data.mix[2].file b/",
      "data.test t.csv",
    ]);
    const other = withSources(recipe.data, ["1.jsonl", "2.jsonl", "3.jsonl"]);
    expect(other).toMatchObject({
      train: null,
      mix: [
        { file: "1.jsonl", weight: 2 },
        { file: "2.jsonl", weight: 0.5, rows: 5000 },
      ],
      validation: null,
      test: "3.jsonl",
    });
  });
});
