/**
 * @file Steps, evaluations and checkpoints of a run.
 */
import { tokens } from "../../quantity/index.ts";
import type { TrainingSection } from "../../recipe/index.ts";
import type { Schedule } from "../plan.ts";
import type { Batches } from "./batches.ts";

/**
 * The schedule that follows from batches and settings.
 *
 * @param rowTokens tokens of one pass over the rows, a shared beginning counted in every row
 */
export function planSchedule(
  training: TrainingSection,
  batches: Batches,
  rowTokens: number,
  hasValidation: boolean,
  { recompute, base }: Pick<Schedule, "recompute" | "base">,
): Schedule {
  const stepsPerEpoch = Math.ceil(batches.count / training.accumulation);
  const steps =
    stepsPerEpoch === 0 ? 0 : (training.steps ?? Math.max(1, Math.round(training.epochs * stepsPerEpoch)));
  const epochs = stepsPerEpoch === 0 ? 0 : steps / stepsPerEpoch;
  const timesEvery = (every: number | null): number =>
    Math.ceil(steps / (every ?? Math.max(1, stepsPerEpoch)));
  const evaluations = hasValidation ? timesEvery(training.evaluateEvery) : 0;
  return {
    steps,
    stepsPerEpoch,
    microBatchesPerEpoch: batches.count,
    epochs,
    tokens: tokens(rowTokens * epochs),
    evaluations,
    checkpoints: timesEvery(training.checkpointEvery ?? training.evaluateEvery),
    recompute,
    base,
  };
}
