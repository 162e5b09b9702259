/** @file Parses `tunewise.yaml` into a complete recipe, or into all of its problems with their source locations. */
import type { core } from "zod";
import { type Finding, problem } from "../problem/index.ts";
import { completeRecipe, openSettings } from "./complete.ts";
import { findConflicts } from "./conflict.ts";
import { camelKeys, type OpenSetting, type RecipeDraft, type RecipeFile } from "./draft.ts";
import { findingsOf } from "./issue.ts";
import type { Recipe } from "./recipe.ts";
import { recipeFileSchema } from "./schema.ts";
import { type RecipeSettings, withSettings } from "./settings.ts";
import { isPriceWritten } from "./spending.ts";
import { readYaml } from "./yaml.ts";

/** Result of parsing a recipe. `recipe` is `null` if any problem is an error. */
export interface RecipeReading {
  readonly recipe: Recipe | null;
  /** Settings to be derived from the model and the rows; until then, the recipe has values for an unknown model. */
  readonly open: readonly OpenSetting[];
  /** Errors and warnings in file order, each with one location and one fix. */
  readonly problems: readonly Finding[];
  /** Whether the machine's price is given in the file or as a setting. */
  readonly isPriced: boolean;
}

/**
 * Parses a recipe. Never throws because of the text; reports all problems, not only the first.
 *
 * @param path used in source locations; not opened
 * @param folder name of the recipe's folder, the default `name` of the experiment
 * @param settings replace values of the file
 * @param machine settings of the machine, used if the file states no price
 * @returns findings `RECIPE_TOO_LARGE`, `RECIPE_TOO_COMPLEX`, `RECIPE_SYNTAX`, `RECIPE_KEY_DUPLICATE`,
 *   `RECIPE_KEY_UNKNOWN`, `RECIPE_KEY_MISSING`, `RECIPE_VALUE_INVALID`, `RECIPE_CHOICE_UNKNOWN`, `RECIPE_CONFLICT`,
 *   `RECIPE_SETTING_DOUBTFUL`
 * @example readRecipe("model: owner/name\ndata:\n  train: rows.jsonl\n", "tunewise.yaml").recipe?.method.rank // 16
 */
export function readRecipe(
  text: string,
  path: string,
  folder = "",
  settings: RecipeSettings = {},
  machine: RecipeSettings = {},
): RecipeReading {
  const file = readYaml(text, path);
  if (file.problems.length > 0) return { recipe: null, open: [], problems: file.problems, isPriced: false };
  const own = withSettings(file.value, settings);
  const yaml = { ...file, value: isPriceWritten(own) ? own : withSettings(own, machine) };
  const { file: checked, issues } = checkFile(yaml.value);
  const draft = checked === null ? null : camelKeys<RecipeDraft>(checked);
  const problems = [
    ...issues.flatMap((issue) => findingsOf(issue, yaml)),
    ...(draft === null ? [] : findConflicts(draft, yaml)),
  ];
  const sound = draft !== null && !problems.some(({ severity }) => severity === "error");
  return {
    recipe: sound ? completeRecipe(draft, experimentName(folder)) : null,
    open: draft === null ? [] : openSettings(draft),
    problems: inOrder(problems),
    isPriced: isPriceWritten(yaml.value),
  };
}

/**
 * Returns the recipe of a result without errors.
 *
 * @throws {TunewiseError} `RECIPE_INVALID` if there are errors; its `cause` is the list of findings
 */
export function requireRecipe(reading: RecipeReading, path: string): Recipe {
  if (reading.recipe !== null) return reading.recipe;
  const errors = reading.problems.filter(({ severity }) => severity === "error").length;
  const count = errors === 1 ? "one problem" : `${errors} problems`;
  throw problem("RECIPE_INVALID", { path, count }, { cause: reading.problems });
}

interface Checked {
  /** The file with fixed defaults; `null` if a value is invalid. Unknown keys alone do not prevent it. */
  readonly file: RecipeFile | null;
  readonly issues: readonly core.$ZodIssue[];
}

function checkFile(value: unknown): Checked {
  const first = recipeFileSchema.safeParse(value);
  if (first.success) return { file: first.data, issues: [] };
  const { issues } = first.error;
  if (!issues.every((issue) => issue.code === "unrecognized_keys"))
    return { file: null, issues: firstPerPath(issues) };
  // Only unknown keys: remove them and validate the rest, so that one run of `check` shows everything.
  const known = structuredClone(value);
  for (const issue of issues) for (const key of issue.keys) removeKey(known, issue.path, key);
  return { file: recipeFileSchema.safeParse(known).data ?? null, issues };
}

/** Keeps one issue per path: all rules of a field have the same message. */
function firstPerPath(issues: readonly core.$ZodIssue[]): core.$ZodIssue[] {
  const seen = new Set<string>();
  return issues.filter((issue) => {
    const key = JSON.stringify([issue.path.map(String), issue.code === "unrecognized_keys"]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function removeKey(value: unknown, path: readonly PropertyKey[], key: string): void {
  let inner = value as Record<PropertyKey, unknown>;
  for (const part of path) inner = inner[part] as Record<PropertyKey, unknown>;
  delete inner[key];
}

/** `My Folder_2` becomes `my-folder-2`; `experiment` if nothing is left. */
function experimentName(folder: string): string {
  const words =
    folder
      .toLowerCase()
      .slice(0, 200)
      .match(/[a-z0-9]+/g) ?? [];
  return words.slice(0, 8).join("-") || "experiment";
}

function inOrder(problems: readonly Finding[]): Finding[] {
  const line = (finding: Finding): number => finding.where[0]?.line ?? 0;
  return [...problems].sort((a, b) => line(a) - line(b));
}
