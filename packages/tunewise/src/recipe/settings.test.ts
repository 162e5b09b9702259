/**
 * @file Settings from the command line: parsed strictly, applied before validation, and limited to keys of the recipe.
 */
import { describe, expect, test } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { readRecipe } from "./read.ts";
import { readSettings, settingsText, withSettings } from "./settings.ts";

const text = "model: owner/name\ndata: { train: rows.jsonl, max_length: 512 }\ntraining: { steps: 8 }\n";

describe("reading", () => {
  test("numbers, switches and words", () => {
    const settings = readSettings(
      "training.learning_rate=3e-3, method.kind=full,evaluation.base=false",
      "--set",
    );
    expect(settings).toEqual({
      "training.learning_rate": 0.003,
      "method.kind": "full",
      "evaluation.base": false,
    });
    expect(settingsText(settings)).toBe(
      "training.learning_rate=0.003,method.kind=full,evaluation.base=false",
    );
  });

  test.each([
    "",
    "training",
    "training.batch_size=",
    "=4",
    "a=1,a=2",
    "__proto__.x=1",
    "a.__proto__=1",
    "A=1",
    "a..b=1",
  ])("refuses %j", (wrong) => {
    let code = "";
    try {
      readSettings(wrong, "--set");
    } catch (error) {
      code = TunewiseError.is(error) ? error.code : String(error);
    }
    expect(code).toBe("USAGE_VALUE_INVALID");
  });
});

describe("in a recipe", () => {
  const read = (settings: string) =>
    readRecipe(text, "tunewise.yaml", "tickets", readSettings(settings, "--set"));

  test("they replace what the file says, and are checked like it", () => {
    const { recipe } = read("method.kind=qlora,training.batch_size=4,data.max_length=64,model=other/model");
    expect(recipe).toMatchObject({
      method: { kind: "qlora" },
      training: { batchSize: 4, steps: 8 },
      data: { maxLength: 64 },
      model: { source: "other/model", revision: "main" },
    });
    expect(read("training.batch_size=0").problems.map(({ code }) => code)).toEqual(["RECIPE_VALUE_INVALID"]);
    expect(read("training.batchsize=1").problems.map(({ code }) => code)).toEqual(["RECIPE_KEY_UNKNOWN"]);
  });

  test("epochs count although the file has steps", () => {
    expect(read("training.epochs=2").recipe?.training).toMatchObject({ epochs: 2, steps: null });
    expect(read("training.epochs=2,training.steps=5").recipe?.training.steps).toBe(5);
  });

  test("the file's value stays as it is, and inherited names are no sections", () => {
    const value = { training: { steps: 8 } };
    expect(withSettings(value, { "training.steps": 9, "constructor.name": "x" })).toEqual({
      training: { steps: 9 },
      constructor: { name: "x" },
    });
    expect(value).toEqual({ training: { steps: 8 } });
    expect(Object.name).toBe("Object");
  });
});
