/** @file `tunewise/plan`: loads a recipe, estimates memory, time and cost, and approves the plan for a run. */
import type { Placement } from "@tunewise/core/run";
import {
  type ApprovedPlan,
  approve as approvePlan,
  type Consent,
  type PlannedRecipe as PlannedHere,
  type PlanResult,
  planRecipe as plan,
  planWithoutWeights as planShape,
} from "../app/plan/index.ts";
import { findEarlierRuns } from "../app/runs/index.ts";
import {
  type LoadedRecipe,
  loadRecipe as load,
  type OnDownload,
  type OnPhase,
  type RecipeOverrides,
} from "../prepare/index.ts";
import { type Finding, TunewiseError } from "../problem/index.ts";
import { findPlace, type PlacementOptions, placeRun, type TrainingPlace } from "./placement.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { Placement } from "@tunewise/core/run";
export type { ApprovedPlan, Consent, PlanResult } from "../app/plan/index.ts";
export { type Plan, readPlan, writePlan } from "../plan/index.ts";
export type { LoadedRecipe, OnDownload, OnPhase, RecipeOverrides } from "../prepare/index.ts";
export { type Finding, type ProblemCode, TunewiseError } from "../problem/index.ts";
export type { Recipe } from "../recipe/index.ts";
export type { Runtime } from "../runtime/index.ts";
export type { PlacementOptions, TrainingPlace, WorkerPlace } from "./placement.ts";
export { createRuntime, type RuntimeOptions, type WithRuntime } from "./runtime.ts";

/** Options of `loadRecipe`: settings that replace those of the file. */
export interface LoadOptions extends RecipeOverrides, WithRuntime {}

/**
 * Reads a recipe.
 *
 * @throws {TunewiseError} `RECIPE_NOT_FOUND`, `RECIPE_INVALID` (its cause is the list of findings), `PICK_IMPOSSIBLE`
 * @example
 * import { loadRecipe } from "tunewise/plan";
 *
 * const { recipe } = await loadRecipe("tunewise.yaml", { budgetMinutes: 5 });
 * console.log(recipe.task.kind, recipe.budget.minutes); // json 5
 */
export function loadRecipe(path: string, { runtime, ...overrides }: LoadOptions = {}): Promise<LoadedRecipe> {
  return load(path, runtimeOf({ runtime }), overrides);
}

/** Options of `planRecipe` and `planWithoutWeights`. */
export interface PlanOptions extends WithRuntime {
  /** Where the run is to be computed; its GPUs are planned for as well. Default: `engine`. */
  readonly placement?: TrainingPlace | PlacementOptions;
  /** Called with the progress of each download. */
  readonly onDownload?: OnDownload;
  /** Called with the name of each phase before it begins. */
  readonly onPhase?: OnPhase;
}

/**
 * A plan with the prepared recipe and its placement, ready to run.
 *
 * @example
 * import { loadRecipe, type PlannedRecipe, planRecipe } from "tunewise/plan";
 *
 * const planned: PlannedRecipe = await planRecipe(await loadRecipe("tunewise.yaml"));
 * console.log(planned.prepared.examples.train.length, planned.placement.kind); // 48 this-machine
 */
export interface PlannedRecipe extends PlannedHere {
  /** What computes the run, and how. */
  readonly placement: Placement;
}

/**
 * Plans a recipe whose model is on this machine, so that it can run. Measures the machine's matrix multiplication rate,
 * which takes well under a second.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID`, `MODEL_NOT_FOUND`; `WORKER_NOT_INSTALLED`, `SHARDING_NEEDS_CARDS`,
 *   `SSH_ADDRESS_INVALID` or `USAGE_VALUE_INVALID` for a placement that cannot be used
 * @example
 * import { loadRecipe, planRecipe } from "tunewise/plan";
 *
 * const { plan } = await planRecipe(await loadRecipe("tunewise.yaml"));
 * console.log(plan.schedule.steps, plan.data.trainRows, plan.places[0]?.fits); // 8 48 yes
 * console.log(plan.total.p50 <= plan.total.p90); // true
 */
export async function planRecipe(
  loaded: LoadedRecipe,
  { placement = "engine", onDownload, onPhase, ...options }: PlanOptions = {},
): Promise<PlannedRecipe> {
  const runtime = runtimeOf(options);
  const place = await findPlace(placement, runtime); // may throw, so it precedes downloads
  const planned = await plan(loaded, runtime, onDownload, { site: place.site, ...(onPhase && { onPhase }) });
  return { ...planned, placement: await placeRun(planned, place, runtime) };
}

/**
 * Plans a recipe without the model's weights, which may be too large for this machine or not downloaded yet.
 *
 * @throws {TunewiseError} `MODEL_NOT_FOUND`, `MODEL_CONFIG_INVALID`, and those of a placement, as `planRecipe`
 * @example
 * import { loadRecipe, planWithoutWeights } from "tunewise/plan";
 *
 * const { plan } = await planWithoutWeights(await loadRecipe("tunewise.yaml"));
 * const { low, high } = plan.memory.peakBytes;
 * console.log(low < high, plan.model.trainedParameters > 0); // true true
 */
export async function planWithoutWeights(
  loaded: LoadedRecipe,
  { placement = "engine", onDownload, onPhase, ...options }: PlanOptions = {},
): Promise<PlanResult> {
  const runtime = runtimeOf(options);
  const { site } = await findPlace(placement, runtime);
  return planShape(loaded, runtime, onDownload, { site, ...(onPhase && { onPhase }) });
}

/**
 * Approves a plan for its placement.
 *
 * @throws {TunewiseError} `RUN_BLOCKED` if a finding is an error, `RUN_NOT_APPROVED` without consent,
 *   `BUDGET_WITHOUT_PRICE` if the only cap is in dollars and nothing costs any, `PLAN_STALE` if the saved plan was made
 *   for other inputs
 * @example
 * import { approve, loadRecipe, planRecipe } from "tunewise/plan";
 *
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml"));
 * const approved = approve(planned, { kind: "flag" }); // needs `budget:` in the recipe
 * console.log(approved.plan.fingerprint === planned.plan.fingerprint); // true
 */
export function approve(planned: PlannedRecipe, consent: Consent): ApprovedPlan {
  return approvePlan(planned, consent, "tunewise run", planned.placement);
}

/**
 * Finds earlier runs in the same output folder that a planned run would repeat. Call it before anything is spent.
 *
 * @returns `RUN_DUPLICATE` (error) if the same experiment ran or is running; `runRecipe` refuses such a run unless
 *   `force` gives a reason. `RUN_SEED_ALONE` and `RUN_NEAR_DUPLICATE` (warnings) for runs that differ only in the seed
 *   or in one setting. Empty if no run is similar.
 * @throws {TunewiseError} `SHARED_BUDGET_SPENT` if a budget of the recipe's project is used up
 * @example
 * import { findDuplicates, loadRecipe, planRecipe } from "tunewise/plan";
 *
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml"));
 * for (const { code } of await findDuplicates(planned)) console.log(code); // RUN_SEED_ALONE
 */
export async function findDuplicates(
  { prepared }: Pick<PlannedRecipe, "prepared">,
  options: WithRuntime = {},
): Promise<Finding[]> {
  try {
    return await findEarlierRuns(prepared, runtimeOf(options), null, "look");
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "RUN_DUPLICATE") throw error;
    const { code, kind, message: detail, fix } = error;
    return [{ code, severity: "error", title: kind.title, detail, where: [], count: 1, fix }];
  }
}
