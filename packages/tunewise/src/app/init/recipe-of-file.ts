/** @file A recipe in memory for a data file that has none: columns as `init` detects them. */
import { join, resolve } from "node:path";
import { type LoadedRecipe, recipeFromText, withTemplateText } from "../../prepare/index.ts";
import { type RecipeSettings, recipeTemplate } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { defaultModel } from "./default-choices.ts";
import { findData } from "./find-data.ts";
import { inspectData } from "./inspect-data.ts";
import { unclearColumns } from "./make-recipe.ts";
import { modelInRecipe, proposeData } from "./propose-recipe.ts";

/**
 * Creates the recipe. Nothing is written.
 *
 * @param shares whether shares of the rows are set aside, as in the recipe that `init` writes
 * @param model hub id, folder or `.gguf` file; `null`: the default of `init`
 * @param more settings that replace those of the recipe
 * @throws {TunewiseError} `INIT_COLUMNS_UNCLEAR`, `MODEL_NOT_FOUND`, `MODEL_ID_INVALID`, `CHAT_TEMPLATE_UNREADABLE`,
 *   and those of `findData` and `inspectData`
 */
export async function recipeOfFile(
  file: string,
  model: string | null,
  runtime: Runtime,
  more: RecipeSettings = {},
  shares = false,
): Promise<LoadedRecipe> {
  const path = join(resolve(runtime.cwd), "tunewise.yaml");
  const data = await inspectData(await findData(file, runtime.cwd), runtime.cwd, {
    prompt: null,
    completion: null,
  });
  if (data.train.reading.kind === "unclear") throw unclearColumns(data);
  const { choices } = proposeData(data, path, runtime.cwd, null);
  const text = recipeTemplate({
    ...choices,
    model: model === null ? defaultModel : modelInRecipe(model, path, runtime.cwd),
    usdPerHour: null,
    budgetUsd: null,
    budgetMinutes: null,
    schema: "./tunewise.schema.json",
  });
  const noShare = (part: "validation" | "test"): [string, number][] =>
    choices[part] === null && !shares ? [[`data.split.${part}`, 0]] : [];
  const settings = Object.fromEntries([
    ...noShare("validation"),
    ...noShare("test"),
    ...Object.entries(more),
  ]);
  return withTemplateText(recipeFromText(text, path, file, { settings }));
}
