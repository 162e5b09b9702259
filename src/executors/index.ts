/** @file Execute a run under the control of a use case: report events, carry out commands; know tensors, never money. */

export { AnswerCache } from "./embedded/answer-cache.ts";
export { askInParts, type Parts } from "./embedded/ask-in-parts.ts";
export { atStart, findState, intoTrainer, ownerOf } from "./embedded/checkpoints.ts";
export { ForgettingMonitor } from "./embedded/forgetting-monitor.ts";
export { type Regularization, regularizationOf } from "./embedded/regularization.ts";
export { selectCheckpoint } from "./embedded/select-checkpoint.ts";
export { startTraining, type TrainedState } from "./embedded/training.ts";
export { trainingSchedule } from "./embedded/training-schedule.ts";
