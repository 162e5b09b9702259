/** @file Memory, time, money, as ranges; pure. */
export { testRowsAdvice } from "./advice.ts";
export type { Calibration, FinishedRun } from "./calibration/calibrate.ts";
export { type ComparedMethod, compareMethods } from "./compare.ts";
export { documentOf, readPlan, writePlan } from "./document.ts";
export {
  type BatchOrder,
  type BusyMachine,
  emptyMarket,
  type ForgettingLoad,
  type JudgingNeeds,
  type MachineFacts,
  type Market,
  type PlanBasis,
  type PlanInput,
  type ProbeFacts,
  type RowLength,
  rowLengths,
} from "./input.ts";
export { memorySentence } from "./local/memory.ts";
export type { SpendOutcome } from "./money/simulate.ts";
export type { PlaceEstimate } from "./place/place.ts";
export type {
  Assumption,
  BaselinePrice,
  BudgetVerdict,
  CostEstimate,
  MemoryEstimate,
  MemoryPhase,
  MemoryTerm,
  Plan,
  PlannedData,
  PlannedModel,
  Schedule,
  TimeEstimate,
  TimePart,
  WorkEstimate,
} from "./plan.ts";
export { planRun } from "./plan-run.ts";
export { estimateStackSpeed, isPossible, type StackSpeed } from "./speed/estimate.ts";
export { estimateStackMemory, overheads, type StackMemory } from "./stack/estimate.ts";
export { type StackOptions, withOptions } from "./stack/options.ts";
export { findStack, type StackName, type StackRules, stackNames, stackRules } from "./stack/rules.ts";
export type { OptimizerKind, Sharding, StackSetting, Trained } from "./stack/setting.ts";
