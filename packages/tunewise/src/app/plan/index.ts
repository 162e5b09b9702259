/** @file `tunewise plan`: memory, time and cost of a recipe, and the approval that a run starts from. */

export {
  type AccuracyReport,
  accuracyOf,
  type ErrorSummary,
  maxPlanRuns,
  measurePlanAccuracy,
  type PlanAccuracy,
  type PlannedAndActual,
  summarizeAccuracy,
} from "./accuracy.ts";
export {
  type ApprovedPlan,
  approve,
  type Consent,
  placementOf,
  refusalsOf,
  requireConsent,
  requireUnblocked,
} from "./approve.ts";
export { type ChosenPlace, choosePlace, finishedSeconds, misfitOf, placeFacts } from "./choose-placement.ts";
export { liveOffers } from "./live-offers.ts";
export {
  evaluationNeeds,
  type PlannedRecipe,
  type PlanResult,
  planByProbe,
  planRecipe,
  planWithoutWeights,
} from "./plan-recipe.ts";
export { type PrecisionHere, precisionHere } from "./precision-here.ts";
export {
  localSite,
  offeredSite,
  ownMachine,
  placementAt,
  remoteSite,
  siteShares,
  type WorkerSite,
  type WorstCase,
  worstCaseOf,
} from "./worker-site.ts";
