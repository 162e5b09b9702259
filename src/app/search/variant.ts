/**
 * @file The recipe with other settings: a trial of a search as a recipe of its own.
 */
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

/** A reading of the changed recipe; without a recipe, what stands in the way. */
export interface VariantReading {
  readonly loaded: LoadedRecipe | null;
  readonly problems: readonly Finding[];
}

/**
 * The recipe at a point. Keys that are at the recipe's own value are left as they stand, so that the recipe's own point
 * is the recipe itself, and what follows from a key (alpha from the rank) follows here too.
 */
export function variantOf(
  loaded: LoadedRecipe,
  { defaults }: RecipeSpace,
  point: SearchPoint,
): VariantReading {
  const changed = Object.entries(point).filter(([path, value]) => value !== defaults[path]);
  const file = structuredClone(readYaml(loaded.text, loaded.path).value) as Record<string, unknown>;
  for (const [path, value] of changed) put(file, path.split("."), keyValue(value));
  const text = changed.length === 0 ? loaded.text : `${JSON.stringify(file, null, 2)}\n`;
  const { recipe, problems, open } = readRecipe(text, loaded.path, basename(loaded.folder));
  if (recipe === null) return { loaded: null, problems };
  const read = { ...loaded, text, open, recipe: asTold(recipe, loaded.recipe) };
  return { loaded: loaded.facts === null ? read : settleRecipe(read, loaded.facts), problems };
}

/**
 * Tries every end and every listed value in the recipe, before anything is spent.
 *
 * @throws {TunewiseError} `SEARCH_VALUE_REFUSED`
 */
export function demandReadable(loaded: LoadedRecipe, recipeSpace: RecipeSpace): void {
  for (const [path, value] of valuesOf(recipeSpace.space)) {
    const reading = variantOf(loaded, recipeSpace, { ...recipeSpace.defaults, [path]: value });
    const fault = reading.problems.find(({ severity }) => severity === "error");
    if (reading.loaded !== null || fault === undefined) continue;
    throw problem("SEARCH_VALUE_REFUSED", {
      ...{ key: path, value: JSON.stringify(keyValue(value)), detail: fault.detail.replace(/\.$/, "") },
      fix: fault.fix ?? "take the value out of the space",
    });
  }
}

function valuesOf(space: SearchSpace): (readonly [path: string, value: HyperparameterValue])[] {
  return Object.entries(space).flatMap(([path, knob]) => endsOf(knob).map((value) => [path, value] as const));
}

function endsOf(knob: Hyperparameter): readonly HyperparameterValue[] {
  return knob.kind === "choice" ? knob.values : [knob.low, knob.high];
}

/** What the command line said holds for every trial, and so does the part of the machine that one has. */
function asTold(recipe: Recipe, { output, name, search, machine }: Recipe): Recipe {
  return { ...recipe, output, name, search, machine };
}

/** Sets a key, making the sections above it; a section that stands as a word (`keep: ewc`) is its method. */
function put(file: Record<string, unknown>, path: readonly string[], value: KeyValue): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    file[key] = value;
    return;
  }
  const found = file[key];
  const section =
    typeof found === "object" && found !== null ? found : typeof found === "string" ? { method: found } : {};
  file[key] = section;
  put(section as Record<string, unknown>, rest, value);
}
