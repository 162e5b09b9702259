/**
 * @file Opens a recipe file and settles what the command line overrides.
 */
import { basename, dirname, relative, resolve } from "node:path";
import { type Finding, problem } from "../problem/index.ts";
import {
  type BudgetSection,
  type KeepRule,
  RECIPE_LIMIT,
  type Recipe,
  readRecipe,
  requireRecipe,
} from "../recipe/index.ts";
import { readTextFile } from "../untrusted/index.ts";
import type { Host } from "./host.ts";

/** Larger files are not read; four bytes for each character that a recipe may have. */
const maxRecipeBytes = 4 * RECIPE_LIMIT;

/** A recipe with what is needed to find its files and to repeat it. */
export interface LoadedRecipe {
  readonly recipe: Recipe;
  readonly text: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Folder that the recipe's file names start from. */
  readonly folder: string;
  /** Warnings of the reading. */
  readonly findings: readonly Finding[];
}

/** What the command line may say in place of the recipe. */
export interface RecipeOverrides {
  readonly budgetUsd?: number;
  readonly budgetMinutes?: number;
  readonly output?: string;
  /** Which checkpoint becomes the result. */
  readonly keep?: KeepRule;
}

/**
 * Reads a recipe.
 *
 * @throws {TunewiseError} `RECIPE_NOT_FOUND`, `RECIPE_INVALID` (its cause is the list of findings), `PICK_IMPOSSIBLE`
 */
export async function loadRecipe(
  path: string,
  host: Host,
  overrides: RecipeOverrides = {},
): Promise<LoadedRecipe> {
  const absolute = resolve(host.cwd, path);
  const shown = relative(host.cwd, absolute) || path;
  const text = await readTextFile(absolute, maxRecipeBytes).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw problem("RECIPE_NOT_FOUND", { path: shown }, { cause });
  });
  return recipeFromText(text, absolute, shown, overrides);
}

/** The same for a recipe whose text is at hand, such as that of an earlier run. */
export function recipeFromText(
  text: string,
  path: string,
  shown: string,
  overrides: RecipeOverrides = {},
): LoadedRecipe {
  const folder = dirname(path);
  const reading = readRecipe(text, shown, basename(folder));
  const recipe = override(requireRecipe(reading, shown), overrides);
  return { recipe, text, path, folder, findings: reading.problems };
}

function override(recipe: Recipe, { budgetUsd, budgetMinutes, output, keep }: RecipeOverrides): Recipe {
  if (keep !== undefined) demandMeasures(recipe, keep);
  const budget: BudgetSection = {
    usd: budgetUsd ?? recipe.budget.usd,
    minutes: budgetMinutes ?? recipe.budget.minutes,
  };
  const training = { ...recipe.training, keep: keep ?? recipe.training.keep };
  return { ...recipe, training, budget, output: output ?? recipe.output };
}

/** A rule by validation loss or forgetting needs them measured, as the recipe's own `training.keep` does. */
function demandMeasures({ data, forgetting }: Recipe, pick: KeepRule): void {
  const hasValidation = data.validation !== null || data.split.validation > 0;
  if (pick !== "last" && !hasValidation)
    throw problem("PICK_IMPOSSIBLE", { pick, reason: "there are no validation rows" });
  if (pick === "best-tradeoff" && !(forgetting.measure && forgetting.everyCheckpoint)) {
    const reason = "forgetting is not measured at each checkpoint";
    throw problem("PICK_IMPOSSIBLE", { pick, reason });
  }
}
