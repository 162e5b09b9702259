/** @file Command-line overrides of the recipe. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { shippedTemplates } from "@tunewise/engine/tokenize";
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

describe("model.chat_template", () => {
  const read = async (chatTemplate: string) => {
    const path = join(folder, "templated.yaml");
    writeFileSync(
      path,
      minimal.replace("a/b", `{ source: a/b, chat_template: ${JSON.stringify(chatTemplate)} }`),
    );
    return (await loadRecipe(path, { cwd: folder } as Runtime)).recipe.model.chatTemplate;
  };
  writeFileSync(join(folder, "own.jinja"), "{{ messages[0].content }}\n");
  writeFileSync(join(folder, "long.jinja"), `{{ x }}${"x".repeat(100_000)}`);
  writeFileSync(join(folder, "other.txt"), "no template");

  test("is a name, a file or a text, and the recipe has its text", async () => {
    expect(await read("tools")).toBe(shippedTemplates.tools);
    expect(await read("own.jinja")).toBe("{{ messages[0].content }}\n");
    expect(await read("{% for m in messages %}{% endfor %}")).toBe("{% for m in messages %}{% endfor %}");
  });

  test.each([
    ["nowhere.jinja", "ENOENT"],
    ["long.jinja", "100007 characters, more than 100000"],
    ["other.txt", "no {{ or {% of a Jinja template"],
    [".", "is a folder"],
  ])("%s cannot be used", async (name, reason) => {
    await expect(read(name)).rejects.toMatchObject({
      code: "CHAT_TEMPLATE_UNREADABLE",
      message: expect.stringContaining(reason),
    });
  });
});
