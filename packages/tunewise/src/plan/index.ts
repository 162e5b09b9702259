/** @file Memory, time, money, as ranges; pure. */

export { testRowsAdvice } from "./advice.ts";
export type { FinishedRun } from "./calibration/calibrate.ts";
export { type ComparedMethod, compareMethods } from "./compare.ts";
export { documentOf, readPlan, writePlan } from "./document.ts";
export { measuredCards } from "./evidence.ts";
export {
  type BatchOrder,
  emptyMarket,
  type ForgettingLoad,
  type JudgingNeeds,
  type Market,
  type PlanInput,
  type ProbeFacts,
  type RowLength,
  rowLengths,
} from "./input.ts";
export { finishedOn, reservedBytes } from "./place/own.ts";
export type { OwnMachine, PlaceEstimate } from "./place/place.ts";
export type {
  Plan,
  Schedule,
  TimePart,
} from "./plan.ts";
export { planRun } from "./plan-run.ts";
export { speedFactors } from "./speed/constants.ts";
export { estimateStackSpeed, isPossible } from "./speed/estimate.ts";
export { estimateServing, fitsForServing } from "./speed/serving.ts";
export { estimateStackMemory, rangeFactors } from "./stack/estimate.ts";
export { type StackOptions, withOptions } from "./stack/options.ts";
export { findStack, type StackRules, stackNames, stackRules } from "./stack/rules.ts";
export type { StackSetting, Trained } from "./stack/setting.ts";
export { tracedFactors } from "./trace/memory.ts";
export { tracedSpeed } from "./trace/speed.ts";
export { type TracedStep, type TraceRequest, traceKey } from "./trace/trace.ts";
export { wantedTraces } from "./trace/wanted.ts";
