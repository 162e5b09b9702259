/** @file Shows the plan of a run before asking for approval. */

import type { Placement } from "@tunewise/core/run";
import { type PlannedRecipe, refusalsOf, type WorkerSite, worstCaseOf } from "../../app/plan/index.ts";
import type { Console } from "../console.ts";
import { recipeArgument, runScreen } from "../render/plan/run-screen.ts";

/** Prints blocking findings, other findings and the plan to stderr, since the result of `run` is the run. */
export function showPlan(
  planned: PlannedRecipe,
  console: Console,
  path: string,
  by: Placement["kind"] = "this-machine",
  site: WorkerSite | null = null,
): void {
  const { plan, findings } = planned;
  const worst = site && worstCaseOf(site, planned.prepared.recipe);
  const screen = {
    plan,
    findings,
    refusals: refusalsOf(planned, by),
    recipe: recipeArgument(path),
    by,
    worst,
  };
  console.info(`${runScreen(screen, console.paintStderr, console.columns)}\n`);
}
