/** @file Which settings to try next, how far, and when to stop, inside a budget; pure: records in, decision out. */

export type { RungRanking } from "./account/account.ts";
export {
  accountFor,
  type BestTrial,
  type RungAccount,
  regretAgainst,
  type SearchAccount,
} from "./account/account.ts";
export type { SearchAdvice } from "./account/advise.ts";
export type { HyperparameterImportance } from "./account/importance.ts";
export type { EndReason } from "./decide.ts";
export { releasedUsd, spendableUsd } from "./money/funds.ts";
export { type PlannedRung, planSearch, type SearchPlan } from "./money/plan-search.ts";
export { narrowSpace, type RangeStep, type RangeTest, readRangeTest } from "./probe/range-test.ts";
export { checkRanking, type RankingCheck, type SlicePair } from "./probe/small-to-large.ts";
export { type Answer, openSearch, type Search, type SearchTrial } from "./search.ts";
export {
  type PromotionName,
  type ProposerName,
  type RungSettings,
  type SearchMoney,
  type SearchSettings,
  trialsUsd,
} from "./settings.ts";
export {
  type ChoiceHyperparameter,
  type Hyperparameter,
  type HyperparameterValue,
  type IntegerHyperparameter,
  type KeyValue,
  keyValue,
  type NumberHyperparameter,
  type SearchPoint,
  type SearchSpace,
} from "./space/hyperparameter.ts";
export type { Report } from "./state/check-report.ts";
export type {
  KnownRun,
  PointOrigin,
  SearchRecord,
  SegmentEnd,
  SegmentStart,
  SegmentStatus,
} from "./state/record.ts";
export type { SearchState, TrialState } from "./state/state.ts";
