/** @file Which settings to try next, for how long, and when to stop, inside a budget; pure: records in, decision out. */

export {
  accountFor,
  type BestTrial,
  type Contender,
  regretAgainst,
  type SearchAccount,
} from "./account/account.ts";
export type { EndReason } from "./decide.ts";
export { spendableUsd } from "./money/funds.ts";
export { planSearch, type SearchPlan } from "./money/plan-search.ts";
export { narrowSpace, type RangeStep, type RangeTest, readRangeTest } from "./probe/range-test.ts";
export { checkRanking } from "./probe/small-to-large.ts";
export { type Answer, openSearch, type Search, type SearchTrial } from "./search.ts";
export type {
  SearchMoney,
  SearchSettings,
} from "./settings.ts";
export {
  type Hyperparameter,
  type HyperparameterValue,
  type KeyValue,
  keyValue,
  type SearchPoint,
  type SearchSpace,
} from "./space/hyperparameter.ts";
export type { Report } from "./state/check-report.ts";
export type { KnownRun } from "./state/record.ts";
export type { TrialState } from "./state/state.ts";
