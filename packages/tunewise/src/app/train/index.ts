/** @file `tunewise run` and `resume`: training inside a budget, watched by guards, ending in a report. */

export { type BegunRun, beginRun } from "./begin-run.ts";

export { type EvaluatedRun, evaluateRun } from "./evaluate-run.ts";
export type { RunOutcome } from "./finish.ts";
export type { LiveLogEnd } from "./live/tracker.ts";
export {
  planAndRun,
  type RunOptions,
  type RunRequest,
  runApproved,
  runPlanned,
  type ShownPlan,
  type TrainAt,
  trainAndReport,
} from "./plan-and-run.ts";
export { type ResumeOptions, resumeRun } from "./resume-run.ts";
export { type RunSession, secondsLeft } from "./session.ts";
export { stopStalled } from "./stall-watch.ts";
export { type TrainingEnd, train } from "./train.ts";
