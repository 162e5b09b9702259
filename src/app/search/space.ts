/**
 * @file The space of a search, from the recipe's words to knobs, and the recipe's own settings as a point of it.
 */

import { kindOfKey, type Recipe, type SearchedKey } from "../../recipe/index.ts";
import type {
  Hyperparameter,
  HyperparameterValue,
  KeyValue,
  SearchPoint,
  SearchSpace,
} from "../../search/index.ts";

/** A space with the point that the recipe stands at. */
export interface RecipeSpace {
  /** By path of the key in the file. */
  readonly space: SearchSpace;
  readonly defaults: SearchPoint;
}

/** What stands for keys that a recipe leaves to its rows. */
export interface LeftOpen {
  /** Steps of the whole training. */
  readonly steps: number;
  readonly trainRows: number;
}

/** How far the learning rate is searched where a recipe names no space. */
const usualReach = 5;
/** From this factor between two ends on, values lie by their logarithm. */
const logFrom = 10;

/**
 * The space of a recipe. Where it lists values, its own is among them, since it is tried in any case.
 *
 * @param open what keys stand for that the recipe leaves open
 */
export function spaceOf(recipe: Recipe, open: LeftOpen): RecipeSpace {
  const { learningRate } = recipe.training;
  const usual = { from: learningRate / usualReach, to: Math.min(10, learningRate * usualReach), scale: null };
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

/** Names of the file for a key in camelCase. */
function fileKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function hyperparameterValue(value: KeyValue): HyperparameterValue {
  return typeof value === "object" ? JSON.stringify(value) : value;
}

function hyperparameterOf(path: string, searched: SearchedKey, own: HyperparameterValue): Hyperparameter {
  if (!("from" in searched)) return choiceOf(searched.map(hyperparameterValue), own);
  const { from: low, to: high, scale } = searched;
  const isLog = scale === null ? low > 0 && high / low >= logFrom : scale === "log";
  const kinds =
    kindOfKey(path) === "integer"
      ? (["log-integer", "integer"] as const)
      : (["log-uniform", "uniform"] as const);
  return { kind: isLog ? kinds[0] : kinds[1], low, high };
}

/** Numbers stand in order, so that neighbours are alike. */
function choiceOf(listed: readonly HyperparameterValue[], own: HyperparameterValue): Hyperparameter {
  const values = listed.includes(own) ? listed : [...listed, own];
  const ordered = values.every((value) => typeof value === "number");
  return { kind: "choice", ordered, values: ordered ? [...values].sort((a, b) => a - b) : values };
}

/** What a recipe says of each knob of a space. */
export function pointOf(recipe: Recipe, { space }: Pick<RecipeSpace, "space">, open: LeftOpen): SearchPoint {
  const paths = Object.keys(space);
  return Object.fromEntries(paths.map((path) => [path, hyperparameterValue(ownValue(recipe, path, open))]));
}

/** What a recipe says of a key, defaults included. */
function ownValue(recipe: Recipe, path: string, { steps, trainRows }: LeftOpen): KeyValue {
  if (path === "training.steps") return recipe.training.steps ?? steps;
  if (path === "data.rows.train") return recipe.data.rows.train ?? trainRows;
  const camel = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  let value: unknown = recipe;
  for (const part of camel.split(".")) value = (value as Readonly<Record<string, unknown>>)[part];
  return value as KeyValue;
}
