/** @file `tunewise plan`: memory, time and cost of a recipe, and the approval that a run starts from. */

export { type AccuracyReport, judgePlans, type Together } from "./accuracy.ts";
export { type ApprovedPlan, approve, type Consent, demandUnblocked } from "./approve.ts";
export {
  judgingNeeds,
  type MadePlan,
  type PlannedRecipe,
  planAhead,
  planByProbe,
  planRecipe,
} from "./plan-recipe.ts";
export { refusalsOf } from "./refusals.ts";
