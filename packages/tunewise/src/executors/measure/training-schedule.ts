/** @file Steps between the evaluations, samples of forgetting and checkpoints of a training. */
import { maxForgettingChecks, type Recipe } from "../../recipe/index.ts";

/** Steps between two pieces of work; 0: never. */
export interface TrainingSchedule {
  readonly evaluation: number;
  readonly forgetting: number;
  readonly checkpoint: number;
}

/** The recipe's intervals; what it leaves out is an epoch. */
export function trainingSchedule(
  { training }: Pick<Recipe, "training">,
  { steps, stepsPerEpoch }: { readonly steps: number; readonly stepsPerEpoch: number },
  hasValidation: boolean,
): TrainingSchedule {
  const evaluation = training.evaluateEvery ?? stepsPerEpoch;
  const checkpoint = training.checkpointEvery ?? evaluation;
  const interval = hasValidation ? evaluation : checkpoint;
  return {
    evaluation,
    checkpoint,
    forgetting: interval > 0 ? stepsBetweenForgettingChecks(steps, interval) : 0,
  };
}

/**
 * Steps between samples of forgetting: those between evaluations, or a multiple if there would be more than
 * `maxForgettingChecks` samples.
 *
 * @param evaluationSteps steps between evaluations, at least 1
 */
export function stepsBetweenForgettingChecks(steps: number, evaluationSteps: number): number {
  return evaluationSteps * Math.max(1, Math.ceil(Math.floor(steps / evaluationSteps) / maxForgettingChecks));
}

/** The step at which a fraction of a training ends; at least 1, so that there is a loss to compare. */
export function stepAt(share: number, steps: number): number {
  return Math.min(steps, Math.max(1, Math.round(share * steps)));
}
