/**
 * @file The recipe again on fewer training rows: its results on the test rows tell what more rows would bring.
 */

import { dataFingerprintOf, type LoadedRecipe, type Prepared } from "../../prepare/index.ts";
import type { Host } from "../../runtime/index.ts";

/** The fewest rows that a point of the curve is trained on. */
const fewest = 8;

/** The recipe with so many training rows. */
function onFewerRows(loaded: LoadedRecipe, rows: number): LoadedRecipe {
  const { recipe } = loaded;
  const data = { ...recipe.data, rows: { ...recipe.data.rows, train: rows } };
  return { ...loaded, recipe: { ...recipe, data } };
}

/** Numbers of training rows of the curve's points below all of them, rising. */
export function curveSizes({ recipe, examples }: Pick<Prepared, "recipe" | "examples">): number[] {
  const all = examples.train.length;
  const sizes = recipe.decision.learningCurve.map((share) => Math.round(share * all));
  return [...new Set(sizes)].filter((rows) => rows >= fewest && rows < all).sort((a, b) => a - b);
}

/** The recipe on the fewer rows of each point of its curve. */
export function curveRecipes(prepared: Pick<Prepared, "loaded" | "recipe" | "examples">): LoadedRecipe[] {
  return curveSizes(prepared).map((rows) => onFewerRows(prepared.loaded, rows));
}

/** What a run on so many rows is found by, beside the model. */
export async function preparedOnFewerRows(
  prepared: Prepared,
  rows: number,
  host: Host,
): Promise<Pick<Prepared, "loaded" | "recipe" | "model" | "dataFingerprint">> {
  const loaded = onFewerRows(prepared.loaded, rows);
  const dataFingerprint = await dataFingerprintOf(loaded, host, prepared.reference);
  return { loaded, recipe: loaded.recipe, model: prepared.model, dataFingerprint };
}
