/** @file Applies a point of the search space to the recipe, which gives a trial's recipe. */
import { basename } from "node:path";
import { type LoadedRecipe, settleRecipe } from "../../prepare/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import { type Recipe, readRecipe, readYaml } from "../../recipe/index.ts";
import {
  type Hyperparameter,
  type HyperparameterValue,
  type KeyValue,
  keyValue,
  type SearchPoint,
  type SearchSpace,
} from "../../search/index.ts";
import type { RecipeSpace } from "./space.ts";

/** The changed recipe, or the problems that make it invalid. */
export interface VariantReading {
  readonly loaded: LoadedRecipe | null;
  readonly problems: readonly Finding[];
}

/**
 * Returns the recipe at a point. Keys with the recipe's own value are not rewritten. The recipe's own point therefore
 * is the recipe itself, and defaults that derive from a key (alpha from the rank) still apply.
 */
export function variantOf(
  loaded: LoadedRecipe,
  { defaults }: RecipeSpace,
  point: SearchPoint,
): VariantReading {
  const changed = Object.entries(point).filter(([path, value]) => value !== defaults[path]);
  const file = structuredClone(readYaml(loaded.text, loaded.path).value) as Record<string, unknown>;
  for (const [path, value] of changed) setKey(file, path.split("."), keyValue(value));
  const text = changed.length === 0 ? loaded.text : `${JSON.stringify(file, null, 2)}\n`;
  const { recipe, problems, open } = readRecipe(
    text,
    loaded.path,
    basename(loaded.folder),
    {},
    {
      "machine.usd_per_hour": loaded.recipe.machine.usdPerHour,
    },
  );
  if (recipe === null) return { loaded: null, problems };
  const read = { ...loaded, text, open, recipe: withOverrides(recipe, loaded.recipe) };
  return { loaded: loaded.facts === null ? read : settleRecipe(read, loaded.facts), problems };
}

/**
 * Checks all bounds and listed values of the space before anything is spent.
 *
 * @throws {TunewiseError} `SEARCH_VALUE_REFUSED`
 */
export function requireValidSpace(loaded: LoadedRecipe, recipeSpace: RecipeSpace): void {
  for (const [path, value] of valuesOf(recipeSpace.space)) {
    const reading = variantOf(loaded, recipeSpace, { ...recipeSpace.defaults, [path]: value });
    const fault = reading.problems.find(({ severity }) => severity === "error");
    if (reading.loaded !== null || fault === undefined) continue;
    throw problem("SEARCH_VALUE_REFUSED", {
      key: path,
      value: JSON.stringify(keyValue(value)),
      detail: fault.detail.replace(/\.$/, ""),
      fix: fault.fix ?? "remove the value from the space",
    });
  }
}

function valuesOf(space: SearchSpace): (readonly [path: string, value: HyperparameterValue])[] {
  return Object.entries(space).flatMap(([path, knob]) =>
    extremesOf(knob).map((value) => [path, value] as const),
  );
}

function extremesOf(knob: Hyperparameter): readonly HyperparameterValue[] {
  return knob.kind === "choice" ? knob.values : [knob.low, knob.high];
}

/** Command-line options apply to every trial, as does its share of the machine. The chat template is read once. */
function withOverrides(recipe: Recipe, { output, name, search, machine, model }: Recipe): Recipe {
  const { chatTemplate } = model;
  return { ...recipe, model: { ...recipe.model, chatTemplate }, output, name, search, machine };
}

/**
 * Sets a key and creates the sections above it. A section written as a single word (`regularization: ewc`) becomes its
 * `method`.
 */
function setKey(file: Record<string, unknown>, path: readonly string[], value: KeyValue): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    file[key] = value;
    return;
  }
  const found = file[key];
  const section =
    typeof found === "object" && found !== null ? found : typeof found === "string" ? { method: found } : {};
  file[key] = section;
  setKey(section as Record<string, unknown>, rest, value);
}
