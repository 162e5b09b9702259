/** @file Loads a recipe file and applies command-line overrides. */
import { basename, dirname, relative, resolve } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { shippedTemplates } from "@tunewise/engine/tokenize";
import { type Finding, problem } from "../problem/index.ts";
import {
  type BudgetSection,
  CHAT_TEMPLATE_LIMIT,
  type CheckpointSelection,
  type DerivedSetting,
  deriveTraining,
  isTemplateText,
  type OpenSetting,
  RECIPE_LIMIT,
  type Recipe,
  type RecipeReading,
  type RecipeSettings,
  readConfiguration,
  readRecipe,
  requireRecipe,
  type TrackingSection,
  type TrainingFacts,
} from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { requireNoData } from "./require-no-data.ts";

/** Size limit of a recipe: four bytes per allowed character. */
const maxRecipeBytes = 4 * RECIPE_LIMIT;

/**
 * A recipe with what is needed to locate its files and to reproduce it.
 *
 * @example
 * import { type LoadedRecipe, loadRecipe } from "tunewise/plan";
 *
 * const loaded: LoadedRecipe = await loadRecipe("tunewise.yaml");
 * console.log(loaded.recipe.name, loaded.findings.length); // small 0
 */
export interface LoadedRecipe {
  readonly recipe: Recipe;
  readonly text: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Settings that replaced values of the file; absent if there are none. */
  readonly settings?: RecipeSettings | undefined;
  /** Name of the run started from this recipe; default: the recipe's name. */
  readonly runName?: string | undefined;
  /** Base folder of the recipe's file names. */
  readonly folder: string;
  /** Warnings from reading. */
  readonly findings: readonly Finding[];
  /** Settings that depend on the model and the rows. */
  readonly open: readonly OpenSetting[];
  /** Whether the machine has a price: in the file, as a setting, or as the recorded usual price. */
  readonly isPriced?: boolean;
  /** Facts from which settings were derived; `null` until they are known. */
  readonly facts: TrainingFacts | null;
  /** Derived settings, for display. */
  readonly derived: readonly DerivedSetting[];
}

/**
 * Derives values for settings that the file omits. Known facts are kept, so that a subset of the rows, or a search
 * trial, is trained like the complete recipe.
 */
export function settleRecipe(loaded: LoadedRecipe, found: TrainingFacts): LoadedRecipe {
  const facts = loaded.facts ?? found;
  return { ...loaded, facts, ...deriveTraining(loaded.recipe, loaded.open, facts) };
}

/**
 * Settings that the command line may override.
 *
 * @example
 * import { loadRecipe, type RecipeOverrides } from "tunewise/plan";
 *
 * const overrides: RecipeOverrides = { budgetUsd: 2.5, output: "elsewhere" };
 * const { recipe } = await loadRecipe("tunewise.yaml", overrides);
 * console.log(recipe.budget.usd, recipe.output); // 2.5 elsewhere
 */
export interface RecipeOverrides {
  readonly budgetUsd?: number;
  readonly budgetMinutes?: number;
  readonly output?: string;
  /** Values that replace those of the file, by key. */
  readonly settings?: RecipeSettings;
  /** Checkpoint selection for the result. */
  readonly checkpointSelection?: CheckpointSelection;
  /** Tracking servers to log to; servers from the environment if the recipe names none. */
  readonly reportTo?: TrackerName | "all" | "none";
  /** Cost of delay in dollars per hour, for the plan. */
  readonly costOfDelayUsdPerHour?: number;
  /** Name of the run to start; default: the recipe's name. */
  readonly runName?: string;
  /** Hourly price of the machine, with its source, used if the recipe has none. */
  readonly usualPrice?: Pick<Recipe["machine"], "usdPerHour" | "source">;
  /** Hourly price of the machine, with its source; it replaces the recipe's. */
  readonly machinePrice?: Pick<Recipe["machine"], "usdPerHour" | "source">;
}

/**
 * Reads a recipe.
 *
 * @throws {TunewiseError} `RECIPE_NOT_FOUND`, `RECIPE_IS_DATA`, `RECIPE_INVALID` (its cause is the list of findings),
 *   `PICK_IMPOSSIBLE`, `CHAT_TEMPLATE_UNREADABLE`
 */
export async function loadRecipe(
  path: string,
  runtime: Runtime,
  overrides: RecipeOverrides = {},
): Promise<LoadedRecipe> {
  const absolute = resolve(runtime.cwd, path);
  const shown = relative(runtime.cwd, absolute) || path;
  await requireNoData(absolute, shown, maxRecipeBytes);
  const text = await readTextFile(absolute, maxRecipeBytes).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw problem("RECIPE_NOT_FOUND", { path: shown }, { cause });
  });
  return withTemplateText(recipeFromText(text, absolute, shown, overrides));
}

/** Reads a recipe from its text. Its chat template is not read yet, see `withTemplateText`. */
export function recipeFromText(
  text: string,
  path: string,
  shown: string,
  overrides: RecipeOverrides = {},
): LoadedRecipe {
  const { settings, usualPrice } = overrides;
  const machine = usualPrice && {
    "machine.usd_per_hour": usualPrice.usdPerHour,
    "machine.source": usualPrice.source,
  };
  const reading = readRecipe(text, shown, basename(dirname(path)), settings, machine);
  return recipeFromReading(reading, text, path, shown, overrides);
}

/**
 * The recipe with the text of its chat template, so that the file is read once, and its content identifies runs.
 *
 * @throws {TunewiseError} `CHAT_TEMPLATE_UNREADABLE`
 */
export async function withTemplateText(loaded: LoadedRecipe): Promise<LoadedRecipe> {
  const { recipe, folder } = loaded;
  const given = recipe.model.chatTemplate;
  if (given === null) return loaded;
  const model = { ...recipe.model, chatTemplate: await templateText(given, folder) };
  return { ...loaded, recipe: { ...recipe, model } };
}

async function templateText(given: string, folder: string): Promise<string> {
  if (isTemplateText(given)) return given;
  if (Object.hasOwn(shippedTemplates, given)) return shippedTemplates[given as keyof typeof shippedTemplates];
  try {
    const text = await readTextFile(resolve(folder, given), 4 * CHAT_TEMPLATE_LIMIT);
    if (text.length > CHAT_TEMPLATE_LIMIT)
      throw new Error(`it has ${text.length} characters, more than ${CHAT_TEMPLATE_LIMIT}`);
    if (!isTemplateText(text)) throw new Error("it has no {{ or {% of a Jinja template");
    return text;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw problem("CHAT_TEMPLATE_UNREADABLE", { name: given.slice(0, 200), reason }, { cause });
  }
}

/** Reads a recipe from the recorded configuration of an earlier run. */
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
  const { problems: findings, open, isPriced } = reading;
  const { settings, runName } = overrides;
  return {
    recipe,
    text,
    path,
    settings,
    runName,
    folder,
    findings,
    open,
    isPriced,
    facts: null,
    derived: [],
  };
}

function override(
  recipe: Recipe,
  {
    budgetUsd,
    budgetMinutes,
    output,
    checkpointSelection,
    costOfDelayUsdPerHour,
    machinePrice,
    reportTo,
  }: RecipeOverrides,
): Recipe {
  if (checkpointSelection !== undefined) requireMeasurements(recipe, checkpointSelection);
  const budget: BudgetSection = {
    usd: budgetUsd ?? recipe.budget.usd,
    minutes: budgetMinutes ?? recipe.budget.minutes,
  };
  const training = checkpointSelection ? { ...recipe.training, checkpointSelection } : recipe.training;
  const plan = {
    ...recipe.plan,
    costOfDelayUsdPerHour: costOfDelayUsdPerHour ?? recipe.plan.costOfDelayUsdPerHour,
  };
  const tracking = trackingOf(recipe.tracking, reportTo);
  const machine = { ...recipe.machine, ...machinePrice };
  return { ...recipe, plan, training, budget, tracking, machine, output: output ?? recipe.output };
}

function trackingOf(tracking: TrackingSection, reportTo: RecipeOverrides["reportTo"]): TrackingSection {
  if (reportTo === "none") return { ...tracking, mlflow: null, wandb: null };
  const orOfEnvironment = (name: TrackerName): string | null =>
    tracking[name] ?? (reportTo === name || reportTo === "all" ? "env" : null);
  return { ...tracking, mlflow: orOfEnvironment("mlflow"), wandb: orOfEnvironment("wandb") };
}

/** Checkpoint selection by validation loss or forgetting requires that they are measured. */
function requireMeasurements({ data, forgetting }: Recipe, pick: CheckpointSelection): void {
  const hasValidation = data.validation !== null || data.split.validation > 0;
  if (pick !== "last" && !hasValidation)
    throw problem("PICK_IMPOSSIBLE", { pick, reason: "the recipe has no validation rows" });
  if (pick === "best-tradeoff" && !(forgetting.measure && forgetting.everyCheckpoint)) {
    const reason = "forgetting is not measured at each checkpoint";
    throw problem("PICK_IMPOSSIBLE", { pick, reason });
  }
}

/** Tracking servers that runs can be logged to. */
export type TrackerName = "mlflow" | "wandb";
