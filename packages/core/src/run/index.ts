/** @file The contract between controller and executor (run spec, commands, events, result), and stored runs. */
export type * from "./event.ts";
export type * from "./execution.ts";
export { type LossName, losses, lossNames } from "./losses.ts";
export {
  type ExecutionFailure,
  executionEventSchema,
  executionFailureSchema,
  messageLine,
  runCommandSchema,
  runJsonSchema,
  runResultSchema,
  trainingStateSchema,
} from "./messages.ts";
export {
  type EngineOptimizer,
  type OptimizerName,
  optimizerNames,
  optimizers,
} from "./optimizers.ts";
export type * from "./result.ts";
export type * from "./run.ts";
export { type ScheduleName, scheduleNames, schedules } from "./schedules.ts";
export type * from "./spec.ts";
export { runSpecSchema } from "./spec-schema.ts";
export {
  type RunStop,
  type StopCause,
  speakerText,
  stopBy,
  stopCauses,
  stopText,
} from "./stop.ts";
export {
  isTraining,
  type RunSummary,
  type SummaryFinding,
  summaryOf,
  type TrainSummary,
  type TrialSummary,
  type TrySummary,
  trainingOf,
  trialOf,
  tryOf,
} from "./summary.ts";
