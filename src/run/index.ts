/** @file The contract: Run, Metric, RunEvent, Verdict, Execution. */
export type * from "./event.ts";
export type * from "./execution.ts";
export type * from "./run.ts";
