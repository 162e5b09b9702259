/** @file Learning curve: the recipe on fewer training rows, whose test results show what more rows would bring. */

import { dataFingerprintOf, type LoadedRecipe, type Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Minimum training rows of a point of the curve. */
const minRows = 8;

/** The recipe on its first `rows` training rows. */
function withTrainRows(loaded: LoadedRecipe, rows: number): LoadedRecipe {
  const { recipe } = loaded;
  const data = { ...recipe.data, rows: { ...recipe.data.rows, train: rows } };
  return { ...loaded, recipe: { ...recipe, data } };
}

/** Numbers of training rows of the curve's points, ascending, without the point on all rows. */
export function curveSizes({ recipe, examples }: Pick<Prepared, "recipe" | "examples">): number[] {
  const all = examples.train.length;
  const sizes = recipe.decision.learningCurve.map((share) => Math.round(share * all));
  return [...new Set(sizes)].filter((rows) => rows >= minRows && rows < all).sort((a, b) => a - b);
}

/** One recipe for each point of the curve. */
export function curveRecipes(prepared: Pick<Prepared, "loaded" | "recipe" | "examples">): LoadedRecipe[] {
  return curveSizes(prepared).map((rows) => withTrainRows(prepared.loaded, rows));
}

/** What identifies a run on that many rows. */
export async function preparedOnFewerRows(
  prepared: Prepared,
  rows: number,
  runtime: Runtime,
): Promise<Pick<Prepared, "loaded" | "recipe" | "model" | "dataFingerprint">> {
  const loaded = withTrainRows(prepared.loaded, rows);
  const dataFingerprint = await dataFingerprintOf(loaded, runtime, prepared.reference);
  return { loaded, recipe: loaded.recipe, model: prepared.model, dataFingerprint };
}
