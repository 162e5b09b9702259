/**
 * @file Model and rows for a trial's own process: what training needs, and nothing of what was checked before.
 */

import { type LoadedRecipe, type Prepared, prepare } from "../../prepare/index.ts";
import type { Host } from "../../runtime/index.ts";

/** Finds the model and reads the rows; checks, forgetting and safety are the business of whoever started the search. */
export async function prepareApart(loaded: LoadedRecipe, host: Host): Promise<Prepared> {
  const { recipe } = loaded;
  const bare = {
    ...recipe,
    checks: { ...recipe.checks, depth: "exact" as const, benchmarks: [] },
    forgetting: { ...recipe.forgetting, measure: false },
    safety: { ...recipe.safety, code: "off" as const, refusals: "off" as const },
  };
  const prepared = await prepare({ ...loaded, recipe: bare }, host);
  return { ...prepared, loaded, recipe };
}
