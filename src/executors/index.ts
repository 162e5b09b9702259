/** @file Execute a run under the control of a use case: report events, carry out commands; know tensors, never money. */

export { answerRows, rowsToEvaluate } from "./embedded/answer-rows.ts";
export { findState } from "./embedded/checkpoints.ts";
export { embeddedExecutor } from "./embedded/embedded.ts";
export { selectCheckpoint } from "./embedded/select-checkpoint.ts";
export { sweptRate } from "./embedded/training.ts";
export { stepAt, trainingSchedule } from "./embedded/training-schedule.ts";
export { isWorking, type ProcessExecutor, processExecutor, workerEnd } from "./process/process.ts";
export { work } from "./process/worker.ts";
