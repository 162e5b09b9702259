/** @file A planned and an approved recipe, as library users see them. */
import type { Example, Splits } from "@tunewise/core/rows";
import type { Placement } from "@tunewise/core/run";
import type { ApprovedPlan as ApprovedHere, PlannedRecipe as PlannedHere } from "../app/plan/index.ts";
import type { Plan as PlanDocument } from "../plan/index.ts";
import type { Finding } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import type { InDollars } from "./dollars.ts";

/** What the next step needs of a plan, and users do not. */
export const inside: unique symbol = Symbol("tunewise.planned");

/**
 * A complete plan: memory in bytes, time in seconds, money in dollars. Equal inputs yield equal plans.
 *
 * @example
 * import { loadRecipe, type Plan, planWithoutWeights } from "tunewise/plan";
 *
 * // names the places whose memory certainly suffices
 * const fitting = ({ places }: Plan): string[] => places.filter(({ fits }) => fits === "yes").map(({ name }) => name);
 * const { plan } = await planWithoutWeights(await loadRecipe("tunewise.yaml"));
 * console.log(fitting(plan)[0]); // this machine
 */
export interface Plan extends InDollars<PlanDocument> {}

/**
 * A plan with its findings.
 *
 * @example
 * import { loadRecipe, type PlanResult, planWithoutWeights } from "tunewise/plan";
 *
 * const result: PlanResult = await planWithoutWeights(await loadRecipe("tunewise.yaml"));
 * console.log(result.findings.filter(({ severity }) => severity === "error").length); // 0
 */
export interface PlanResult {
  readonly plan: Plan;
  /** Findings about data, prices and the plan. */
  readonly findings: readonly Finding[];
}

/**
 * A plan with its placement, the complete recipe and its rows, ready to run.
 *
 * @example
 * import { loadRecipe, type PlannedRecipe, planRecipe } from "tunewise/plan";
 *
 * const planned: PlannedRecipe = await planRecipe(await loadRecipe("tunewise.yaml"));
 * console.log(planned.examples.train.length, planned.placement.kind); // 48 this-machine
 */
export interface PlannedRecipe extends PlanResult {
  /** The recipe with the settings that were derived from model and rows. */
  readonly recipe: Recipe;
  readonly examples: Splits<Example>;
  /** What computes the run, and how. */
  readonly placement: Placement;
  readonly [inside]: PlannedHere;
}

/**
 * A plan that a person approved, with its placement.
 *
 * @example
 * import { type ApprovedPlan, approve, loadRecipe, planRecipe } from "tunewise/plan";
 *
 * const planned = await planRecipe(await loadRecipe("tunewise.yaml"));
 * const approved: ApprovedPlan = approve(planned, { kind: "saved", plan: planned.plan });
 * console.log(approved.plan.name); // small
 */
export interface ApprovedPlan extends PlannedRecipe {
  readonly [inside]: ApprovedHere;
}
