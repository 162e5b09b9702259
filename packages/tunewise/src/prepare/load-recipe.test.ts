/** @file Command-line overrides of the recipe. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type CheckpointSelection, effectiveConfiguration } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { loadRecipe, recipeFromText } from "./load-recipe.ts";

const folder = temporaryFolder();
const minimal = "model: a/b\ndata: { train: a.jsonl }\n";
const load = (more: string, keep: CheckpointSelection) => {
  const path = join(folder, "tunewise.yaml");
  writeFileSync(
    path,
    minimal.replace(" }", more.startsWith(",") ? `${more} }` : " }") + (more.startsWith(",") ? "" : more),
  );
  return loadRecipe(path, { cwd: folder } as Runtime, { checkpointSelection: keep });
};

describe("--checkpoint", () => {
  test.each<[CheckpointSelection, string]>([
    ["last", ""],
    ["best", ""],
    ["best-tradeoff", ""],
    ["last", ", split: { validation: 0 }"],
    ["best", "forgetting: { measure: false }\n"],
  ])("%s over %j is taken, and stays in force in a resumed run", async (keep, more) => {
    const { recipe } = await load(more, keep);
    expect(recipe.training.checkpointSelection).toBe(keep);
    const again = recipeFromText(effectiveConfiguration(recipe), join(folder, "tunewise.yaml"), "x");
    expect(again.recipe.training.checkpointSelection).toBe(keep);
  });

  test.each<[CheckpointSelection, string, string]>([
    ["best", ", split: { validation: 0 }", "the recipe has no validation rows"],
    ["best-tradeoff", ", split: { validation: 0 }", "the recipe has no validation rows"],
    ["best-tradeoff", "forgetting: { measure: false }\n", "forgetting is not measured"],
    ["best-tradeoff", "forgetting: { every_checkpoint: false }\n", "at each checkpoint"],
  ])("%s over %j is refused", async (keep, more, reason) => {
    await expect(load(more, keep)).rejects.toMatchObject({
      code: "PICK_IMPOSSIBLE",
      message: expect.stringContaining(reason),
    });
  });
});
