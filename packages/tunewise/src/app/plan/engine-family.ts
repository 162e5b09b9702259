/** @file Which models and settings the engine does not support, and the findings of a plan about them. */
import { checkTrainable } from "@tunewise/engine";
import type { ModelFiles } from "@tunewise/engine/weights";
import { type Finding, findingOf, TunewiseError } from "../../problem/index.ts";
import { type Recipe, workerKeys } from "../../recipe/index.ts";

/**
 * The error that the engine would raise after reading the weights, or `null`.
 *
 * @param frozen patterns of frozen weights
 */
export function engineProblem(
  { config }: Pick<ModelFiles, "config">,
  frozen: readonly string[],
): TunewiseError | null {
  try {
    checkTrainable(config, frozen);
    return null;
  } catch (error) {
    if (TunewiseError.is(error)) return error;
    throw error;
  }
}

/**
 * `ENGINE_FIGURES_ASSUMED`: the plan's figures for this machine assume the engine, which does not support the model.
 */
export function assumedFigures(model: Pick<ModelFiles, "config">): Finding[] {
  if (engineProblem(model, []) === null) return [];
  const family = String(model.config["model_type"] ?? "missing");
  return [findingOf("ENGINE_FIGURES_ASSUMED", "warning", { family }, [], 1)];
}

/** `ENGINE_SETTING_UNKNOWN`: settings that only the worker supports. */
export function workerSettings(recipe: Recipe, severity: "error" | "warning"): Finding[] {
  const keys = workerKeys(recipe);
  if (keys.length === 0) return [];
  return [findingOf("ENGINE_SETTING_UNKNOWN", severity, { keys: keys.join(", ") }, [], keys.length)];
}
