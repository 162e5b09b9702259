import { describe, expect, it } from "vitest";
import { effectiveConfiguration, readConfiguration } from "./configuration.ts";
import { readRecipe } from "./read.ts";
import type { Recipe } from "./recipe.ts";

const minimal = "model: owner/name\ndata:\n  train: rows.jsonl\n";

function good(text: string, folder = "tickets"): Recipe {
  const { recipe, problems } = readRecipe(text, "tunewise.yaml", folder);
  expect(problems).toEqual([]);
  if (recipe === null) throw new Error("no recipe");
  return recipe;
}

describe("the effective configuration", () => {
  it("reads back as the same recipe", () => {
    const recipe = good(
      `${minimal}name: a-b\nmethod: { targets: [q_proj] }\ntraining: { steps: 9, warmup: 2 }\n`,
    );
    const again = good(effectiveConfiguration(recipe), "elsewhere");
    expect(again).toEqual(recipe);
  });

  it("does not depend on the order of keys, comments or written-out defaults", () => {
    const other =
      "# hello\ndata: { train: rows.jsonl, loss: completion }\ntraining:\n  seed: 17\nmodel: owner/name\n";
    expect(effectiveConfiguration(good(other))).toBe(effectiveConfiguration(good(minimal)));
  });

  it("of a run from before answers were constrained says that they were free", () => {
    const recipe = good(`${minimal}task: { kind: classify }\n`);
    const { evaluation, ...rest } = JSON.parse(effectiveConfiguration(recipe));
    const { decoding, ...before } = evaluation;
    expect(decoding).toBe("constrained");
    const old = JSON.stringify({ ...rest, evaluation: before });
    expect(readConfiguration(old, "configuration.json").recipe?.evaluation.decoding).toBe("free");
    expect(readConfiguration(effectiveConfiguration(recipe), "x", "x").recipe).toEqual(recipe);
    expect(readConfiguration("[", "configuration.json").problems[0]?.code).toBe("RECIPE_SYNTAX");
  });

  it("of a run from before turns were chosen says that the last one was trained", () => {
    const { data, ...rest } = JSON.parse(effectiveConfiguration(good(minimal)));
    const { train_on, ...before } = data;
    expect(train_on).toBe("all");
    const old = JSON.stringify({ ...rest, data: before });
    expect(readConfiguration(old, "configuration.json").recipe?.data.trainOn).toBe("last");
  });

  it("omits the training loss of recipes from before it could be chosen", () => {
    const text = effectiveConfiguration(good(`${minimal}training: { loss: nll }\n`));
    expect(text).toBe(effectiveConfiguration(good(minimal)));
    expect(JSON.parse(text).training).not.toHaveProperty("loss");
    expect(JSON.parse(text).data.loss).toBe("completion");
    expect(readConfiguration(text, "configuration.json").recipe?.training.loss).toBe("nll");
  });

  it("changes with each setting", () => {
    const lines = [
      "training: { seed: 18 }",
      "training: { loss: dft }",
      "method: { rank: 8 }",
      "data: { train: other.jsonl }",
      "output: runs",
    ];
    const texts = lines.map((line) =>
      line.startsWith("data") ? `model: owner/name\n${line}` : minimal + line,
    );
    const all = [minimal, ...texts].map((text) => effectiveConfiguration(good(text)));
    expect(new Set(all).size).toBe(6);
  });
});
