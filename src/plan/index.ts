/** @file Memory, time, money, as ranges; pure. */
export { readPlan, writePlan } from "./document.ts";
export {
  type JudgingNeeds,
  type MachineFacts,
  type PlanBasis,
  type PlanInput,
  type RowLength,
  rowLengths,
} from "./input.ts";
export { memorySentence } from "./local/memory.ts";
export type {
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
