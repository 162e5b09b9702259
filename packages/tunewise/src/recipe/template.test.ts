import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRecipe } from "./read.ts";
import { type RecipeChoices, recipeTemplate } from "./template.ts";

const plain: RecipeChoices = {
  model: "owner/name",
  train: "rows.jsonl",
  validation: null,
  test: null,
  columns: null,
  answers: null,
  textColumn: null,
  sampleBy: null,
  promptTemplate: null,
  maxLength: null,
  badRows: null,
  trainOn: null,
  recorded: false,
  kind: "json",
  usdPerHour: 0,
  budgetUsd: null,
  budgetMinutes: null,
  schema: "schema.json",
};

const choices: fc.Arbitrary<RecipeChoices> = fc.record({
  model: fc.string({ minLength: 1, unit: "binary" }),
  train: fc.string({ maxLength: 100 }).map((name) => `${name.replace(/[\r\n]/g, "")}.jsonl`),
  validation: fc.constantFrom(null, "v.csv", "../a b/valid.jsonl"),
  test: fc.constantFrom(null, "t.csv"),
  columns: fc.option(
    fc.record({
      prompt: fc.string({ minLength: 1 }),
      completion: fc.string({ minLength: 1, unit: "binary" }),
    }),
  ),
  answers: fc.constantFrom(null, "chosen" as const),
  textColumn: fc.constant(null),
  sampleBy: fc.constant(null),
  promptTemplate: fc.constantFrom(null, "Title: {title}\n\nText: {prompt}"),
  maxLength: fc.constantFrom(null, 2048),
  badRows: fc.constantFrom(null, "skip" as const),
  trainOn: fc.constantFrom(null, "all" as const, "last" as const),
  recorded: fc.boolean(),
  kind: fc.constantFrom("classify" as const, "json" as const, "text" as const),
  usdPerHour: fc.constantFrom(0, 0.53, 98.32),
  budgetUsd: fc.constantFrom(null, 0.5, 100),
  budgetMinutes: fc.constantFrom(null, 1, 600),
  schema: fc.string(),
});

describe("the recipe that init writes", () => {
  it("reads back without a problem", () => {
    expect(readRecipe(recipeTemplate(plain), "tunewise.yaml").problems).toEqual([]);
  });

  it("starts with the line that editors read", () => {
    expect(recipeTemplate(plain)).toMatch(/^# yaml-language-server: \$schema=schema\.json\n/);
  });

  it("leaves the price of the machine to the machine where nobody gave one", () => {
    const reading = readRecipe(recipeTemplate({ ...plain, usdPerHour: null }), "tunewise.yaml");
    expect([reading.problems, reading.isPriced]).toEqual([[], false]);
    const priced = readRecipe(recipeTemplate(plain), "tunewise.yaml", "", {}, { "machine.usd_per_hour": 2 });
    expect(priced.recipe?.machine.usdPerHour).toBe(0); // the file's value takes precedence
  });

  it("holds the choices whatever they are", () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const { recipe, problems } = readRecipe(recipeTemplate(chosen), "tunewise.yaml");
        expect(problems).toEqual([]);
        expect(recipe?.model.source).toBe(chosen.model);
        const { train, validation, test, columns, promptTemplate } = recipe?.data ?? {};
        expect({ train, validation, test }).toEqual({
          train: chosen.train,
          validation: chosen.validation,
          test: chosen.test,
        });
        expect(columns).toEqual(chosen.columns);
        expect(promptTemplate).toBe(chosen.promptTemplate ?? "{prompt}");
        expect(recipe?.task.kind).toBe(chosen.kind);
        expect(recipe?.budget).toEqual({ usd: chosen.budgetUsd, minutes: chosen.budgetMinutes });
        expect(recipe?.machine.usdPerHour).toBe(chosen.usdPerHour);
      }),
    );
  });

  it("comments the default beside each key: taking a # away changes nothing", () => {
    const settings = /^( *)# (\w+: [^#\n]*)/gm;
    const text = recipeTemplate(plain).replace(/^# budget:[\s\S]*?\n\n/m, "");
    const open = text.replace(settings, (whole, indent: string, line: string) =>
      /^(validation|test): \w/.test(line) ? whole : `${indent}${line}`,
    );
    expect(open).not.toBe(text);
    const read = (of: string) => readRecipe(of, "tunewise.yaml");
    expect(read(open)).toEqual(read(text));
  });
});
