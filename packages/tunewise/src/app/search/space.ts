/** @file Builds the search space from the recipe, and the recipe's own settings as a point of it. */

import { kindOfKey, type Recipe, type SearchedKey } from "../../recipe/index.ts";
import type {
  Hyperparameter,
  HyperparameterValue,
  KeyValue,
  SearchPoint,
  SearchSpace,
} from "../../search/index.ts";

/** A search space, and the recipe's own settings as a point of it. */
export interface RecipeSpace {
  /** By path of the key in the recipe file. */
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
}

/** Values of keys that a recipe leaves open, derived from its rows. */
export interface DerivedValues {
  /** Steps of the complete training. */
  readonly steps: number;
  readonly trainRows: number;
}

/** Factor below and above the learning rate to search if the recipe defines no space. */
const defaultSearchFactor = 5;
/** Minimum ratio of bounds for a search on a log scale. */
const logScaleFrom = 10;

/**
 * Returns the search space of a recipe. Listed values always include the recipe's own, which is always tried.
 *
 * @param open values of keys that the recipe leaves open
 */
export function searchSpaceOf(recipe: Recipe, open: DerivedValues): RecipeSpace {
  const { learningRate } = recipe.training;
  const usual = {
    from: learningRate / defaultSearchFactor,
    to: Math.min(10, learningRate * defaultSearchFactor),
    scale: null,
  };
  const named = Object.entries(recipe.search.space).map(
    ([key, searched]) => [fileKey(key), searched] as const,
  );
  const searchedKeys = named.length > 0 ? named : ([["training.learning_rate", usual]] as const);
  const entries = searchedKeys.map(([path, searched]) => {
    const own = hyperparameterValue(ownValue(recipe, path, open));
    return [path, hyperparameterOf(path, searched, own), own] as const;
  });
  return {
    space: Object.fromEntries(entries.map(([path, knob]) => [path, knob])),
    defaults: Object.fromEntries(entries.map(([path, , own]) => [path, own])),
  };
}

/** Converts a camelCase key to its name in the recipe file. */
function fileKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function hyperparameterValue(value: KeyValue): HyperparameterValue {
  return typeof value === "object" ? JSON.stringify(value) : value;
}

function hyperparameterOf(path: string, searched: SearchedKey, own: HyperparameterValue): Hyperparameter {
  if (!("from" in searched)) return choiceOf(searched.map(hyperparameterValue), own);
  const { from: low, to: high, scale } = searched;
  const isLog = scale === null ? low > 0 && high / low >= logScaleFrom : scale === "log";
  const kinds =
    kindOfKey(path) === "integer"
      ? (["log-integer", "integer"] as const)
      : (["log-uniform", "uniform"] as const);
  return { kind: isLog ? kinds[0] : kinds[1], low, high };
}

/** Creates a choice. Numbers are sorted, so that neighbors are similar. */
function choiceOf(listed: readonly HyperparameterValue[], own: HyperparameterValue): Hyperparameter {
  const values = listed.includes(own) ? listed : [...listed, own];
  const ordered = values.every((value) => typeof value === "number");
  return { kind: "choice", ordered, values: ordered ? [...values].sort((a, b) => a - b) : values };
}

/** The recipe's values for the hyperparameters of a space. */
export function pointOf(
  recipe: Recipe,
  { space }: Pick<RecipeSpace, "space">,
  open: DerivedValues,
): SearchPoint {
  const paths = Object.keys(space);
  return Object.fromEntries(paths.map((path) => [path, hyperparameterValue(ownValue(recipe, path, open))]));
}

/** The recipe's value of a key, including defaults. */
function ownValue(recipe: Recipe, path: string, { steps, trainRows }: DerivedValues): KeyValue {
  if (path === "training.steps") return recipe.training.steps ?? steps;
  if (path === "data.rows.train") return recipe.data.rows.train ?? trainRows;
  const camel = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  let value: unknown = recipe;
  for (const part of camel.split(".")) value = (value as Readonly<Record<string, unknown>>)[part];
  return value as KeyValue;
}
