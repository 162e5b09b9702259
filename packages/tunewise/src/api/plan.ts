/** @file `tunewise/plan`: loads a recipe, estimates memory, time and cost, and approves the plan for a run. */
import {
  approve as approvePlan,
  planRecipe as plan,
  planWithoutWeights as planShape,
} from "../app/plan/index.ts";
import { findEarlierRuns } from "../app/runs/index.ts";
import { type Plan as PlanDocument, readPlan as read, writePlan as write } from "../plan/index.ts";
import {
  type LoadedRecipe,
  loadRecipe as load,
  type OnDownload,
  type OnPhase,
  type RecipeObject,
  type RecipeOverrides,
  recipeFromObject,
} from "../prepare/index.ts";
import { type Finding, TunewiseError } from "../problem/index.ts";
import { toDollars, toMicroDollars } from "./dollars.ts";
import { findPlace, type PlacementOptions, placeRun, type TrainingPlace } from "./placement.ts";
import { type ApprovedPlan, inside, type Plan, type PlannedRecipe, type PlanResult } from "./planned.ts";
import { runtimeOf, type WithRuntime } from "./runtime.ts";

export type { Example, Splits } from "@tunewise/core/rows";
export type { Placement } from "@tunewise/core/run";
export type {
  DataRow,
  LoadedRecipe,
  OnDownload,
  OnPhase,
  RecipeObject,
  RecipeOverrides,
} from "../prepare/index.ts";
export { type Finding, type ProblemCode, TunewiseError } from "../problem/index.ts";
export type { Recipe } from "../recipe/index.ts";
export type { Runtime } from "../runtime/index.ts";
export type { PlacementOptions, TrainingPlace, WorkerPlace } from "./placement.ts";
export type { ApprovedPlan, Plan, PlannedRecipe, PlanResult } from "./planned.ts";
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

/** Options of `recipeFrom`. */
export interface RecipeFromOptions extends LoadOptions {
  /** Base folder of the recipe's file names. Default: the working directory of the runtime. */
  readonly folder?: string;
}

/**
 * Reads a recipe from a plain object with the keys of a recipe file. Rows in memory are written to
 * `OUTPUT/data/PART-HASH.jsonl`, named after their content, so that a run of the recipe can be resumed and evaluated
 * later like any other.
 *
 * @throws {TunewiseError} `RECIPE_INVALID` (its cause is the list of findings), `PICK_IMPOSSIBLE`,
 *   `USAGE_VALUE_INVALID` for a value that JSON cannot hold, `RUN_FILE_WRITE_FAILED`, `CHAT_TEMPLATE_UNREADABLE`
 * @example
 * import { recipeFrom } from "tunewise/plan";
 *
 * const train = [..."abcdefgh"].map((letter) => ({ prompt: `After ${letter}?`, completion: "the next letter" }));
 * const { recipe } = await recipeFrom({ name: "letters", model: "owner/name", data: { train } });
 * console.log(recipe.name, recipe.data.train); // letters .tunewise/data/train-7e61210170b992c0.jsonl
 */
export function recipeFrom(
  object: RecipeObject,
  { runtime, ...options }: RecipeFromOptions = {},
): Promise<LoadedRecipe> {
  return recipeFromObject(object, runtimeOf({ runtime }), options);
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
  const { prepared, findings } = planned;
  return {
    plan: toDollars(planned.plan, "Plan"),
    findings,
    recipe: prepared.recipe,
    examples: prepared.examples,
    placement: await placeRun(planned, place, runtime),
    [inside]: planned,
  };
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
  const made = await planShape(loaded, runtime, onDownload, { site, ...(onPhase && { onPhase }) });
  return { plan: toDollars(made.plan, "Plan"), findings: made.findings };
}

/**
 * How consent was given.
 *
 * @example
 * import { approve, type Consent, loadRecipe, planRecipe, TunewiseError } from "tunewise/plan";
 *
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml"));
 * const answer: Consent = { kind: "asked", yes: false };
 * try {
 *   approve(planned, answer);
 * } catch (error) {
 *   console.log(TunewiseError.is(error) && error.code); // RUN_NOT_APPROVED
 * }
 */
export type Consent =
  /** A person's answer. */
  | { readonly kind: "asked"; readonly yes: boolean }
  /** Consent in advance. It requires a budget, so that an unattended run has a spending limit. */
  | { readonly kind: "flag" }
  /** A saved plan, which must still be current. */
  | { readonly kind: "saved"; readonly plan: Plan }
  | { readonly kind: "none" };

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
  const given = consent.kind === "saved" ? { ...consent, plan: documentOf(consent.plan) } : consent;
  const approved = approvePlan(planned[inside], given, "tunewise run", planned.placement);
  return { ...planned, [inside]: approved };
}

/** A plan as it is stored, with money in micro-dollars. */
function documentOf(plan: Plan): PlanDocument {
  return toMicroDollars<PlanDocument>(plan, "Plan");
}

/**
 * Formats a plan as JSON, in the format of `tunewise plan -o`: snake_case keys, money in micro-dollars.
 *
 * @example
 * import { loadRecipe, planWithoutWeights, writePlan } from "tunewise/plan";
 *
 * const { plan } = await planWithoutWeights(await loadRecipe("tunewise.yaml"));
 * const document = JSON.parse(writePlan(plan)) as { format_version: number; schedule: { steps: number } };
 * console.log(document.format_version, document.schedule.steps); // 2 8
 */
export function writePlan(plan: Plan): string {
  return write(documentOf(plan));
}

/** A plan read from a file. */
export interface PlanReading {
  /** `null`: it is invalid. */
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** Why it is invalid, as a clause; `null` if it is valid. */
  readonly reason: string | null;
}

/**
 * Parses a plan; `null` with a finding if it is invalid.
 *
 * @returns finding `PLAN_UNREADABLE`
 * @example
 * import { loadRecipe, planWithoutWeights, readPlan, writePlan } from "tunewise/plan";
 *
 * const { plan } = await planWithoutWeights(await loadRecipe("tunewise.yaml"));
 * const text = writePlan(plan);
 * console.log(readPlan(text).plan?.fingerprint === plan.fingerprint); // true
 * console.log(readPlan(text.replace('"steps": 8', '"steps": 9')).findings[0]?.code); // PLAN_UNREADABLE
 */
export function readPlan(text: string): PlanReading {
  const { plan: found, ...rest } = read(text);
  return { plan: found && toDollars(found, "Plan"), ...rest };
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
export async function findDuplicates(planned: PlannedRecipe, options: WithRuntime = {}): Promise<Finding[]> {
  try {
    return await findEarlierRuns(planned[inside].prepared, runtimeOf(options), null, "look");
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "RUN_DUPLICATE") throw error;
    const { code, kind, message: detail, fix } = error;
    return [{ code, severity: "error", title: kind.title, detail, where: [], count: 1, fix }];
  }
}
