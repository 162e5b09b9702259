/**
 * @file Opens a recipe file and settles what the command line overrides.
 */
import { basename, dirname, relative, resolve } from "node:path";
import { type Finding, problem } from "../problem/index.ts";
import {
  type BudgetSection,
  type DerivedSetting,
  deriveTraining,
  type KeepRule,
  type OpenSetting,
  RECIPE_LIMIT,
  type Recipe,
  type RecipeReading,
  readConfiguration,
  readRecipe,
  requireRecipe,
  type TrackingSection,
  type TrainingFacts,
} from "../recipe/index.ts";
import type { Host } from "../runtime/index.ts";
import { readTextFile } from "../untrusted/index.ts";

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
  /** Settings that wait for the model and the rows. */
  readonly open: readonly OpenSetting[];
  /** What they were derived from; `null`: they still wait. */
  readonly facts: TrainingFacts | null;
  /** What was derived, for people. */
  readonly derived: readonly DerivedSetting[];
}

/**
 * The recipe with values for what its file leaves out. Facts that are settled stay: a part of the rows, or a trial of a
 * search, is trained as the whole recipe is.
 */
export function settleRecipe(loaded: LoadedRecipe, found: TrainingFacts): LoadedRecipe {
  const facts = loaded.facts ?? found;
  return { ...loaded, facts, ...deriveTraining(loaded.recipe, loaded.open, facts) };
}

/** What the command line may say in place of the recipe. */
export interface RecipeOverrides {
  readonly budgetUsd?: number;
  readonly budgetMinutes?: number;
  readonly output?: string;
  /** Which checkpoint becomes the result. */
  readonly keep?: KeepRule;
  /** Tracking servers to log to while the run works: those of the environment where the recipe names none. */
  readonly reportTo?: TrackerName | "all" | "none";
  /** What an hour of waiting is worth, in dollars, for the plan. */
  readonly costOfDelayUsdPerHour?: number;
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

/** The same for a recipe whose text is at hand. */
export function recipeFromText(
  text: string,
  path: string,
  shown: string,
  overrides: RecipeOverrides = {},
): LoadedRecipe {
  return recipeFromReading(readRecipe(text, shown, basename(dirname(path))), text, path, shown, overrides);
}

/** The same for the recorded configuration of an earlier run. */
export function recipeFromConfiguration(
  text: string,
  path: string,
  shown: string,
  overrides: RecipeOverrides = {},
): LoadedRecipe {
  const reading = readConfiguration(text, shown, basename(dirname(path)));
  return recipeFromReading(reading, text, path, shown, overrides);
}

function recipeFromReading(
  reading: RecipeReading,
  text: string,
  path: string,
  shown: string,
  overrides: RecipeOverrides,
): LoadedRecipe {
  const folder = dirname(path);
  const recipe = override(requireRecipe(reading, shown), overrides);
  const { problems: findings, open } = reading;
  return { recipe, text, path, folder, findings, open, facts: null, derived: [] };
}

function override(
  recipe: Recipe,
  { budgetUsd, budgetMinutes, output, keep, costOfDelayUsdPerHour, reportTo }: RecipeOverrides,
): Recipe {
  if (keep !== undefined) demandMeasures(recipe, keep);
  const budget: BudgetSection = {
    usd: budgetUsd ?? recipe.budget.usd,
    minutes: budgetMinutes ?? recipe.budget.minutes,
  };
  const training = { ...recipe.training, keep: keep ?? recipe.training.keep };
  const plan = {
    ...recipe.plan,
    costOfDelayUsdPerHour: costOfDelayUsdPerHour ?? recipe.plan.costOfDelayUsdPerHour,
  };
  const tracking = trackingOf(recipe.tracking, reportTo);
  return { ...recipe, plan, training, budget, tracking, output: output ?? recipe.output };
}

function trackingOf(tracking: TrackingSection, reportTo: RecipeOverrides["reportTo"]): TrackingSection {
  if (reportTo === "none") return { ...tracking, mlflow: null, wandb: null };
  const orOfEnvironment = (name: TrackerName): string | null =>
    tracking[name] ?? (reportTo === name || reportTo === "all" ? "env" : null);
  return { ...tracking, mlflow: orOfEnvironment("mlflow"), wandb: orOfEnvironment("wandb") };
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

/** Servers that own runs are logged to. */
export type TrackerName = "mlflow" | "wandb";
