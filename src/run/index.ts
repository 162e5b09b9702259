/** @file The contract: Run, Metric, RunEvent, Verdict. */
export type * from "./event.ts";
export type * from "./event.ts";
export type * from "./run.ts";
