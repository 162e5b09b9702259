/** @file The shared nouns: Run, Metric, RunEvent, Verdict. */
export type * from "./event.ts";
export type * from "./execution.ts";
export type {
  DecodedAnswer,
  ModelFigures,
  PromptDivergence,
  RowAnswer,
  RowLoss,
  SafetyAnswers,
  TrainingState,
} from "./result.ts";
export type * from "./run.ts";
