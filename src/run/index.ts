/** @file The shared nouns: Run, Metric, RunEvent, Verdict. */
export type * from "./event.ts";
export type * from "./execution.ts";
export type * from "./run.ts";
