/** @file Intervals of a training's evaluations, samples of forgetting and checkpoints, in steps. */
import { maxForgettingChecks, type Recipe } from "../../recipe/index.ts";

/** Intervals in steps; 0 means never. */
export interface TrainingSchedule {
  readonly evaluation: number;
  readonly forgetting: number;
  readonly checkpoint: number;
}

/** The recipe's intervals. By default, evaluations are an epoch apart and checkpoints follow evaluations. */
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
 * Steps between samples of forgetting: the evaluation interval, or a multiple of it if there would be more than
 * `maxForgettingChecks` samples.
 *
 * @param evaluationSteps steps between evaluations, at least 1
 */
export function stepsBetweenForgettingChecks(steps: number, evaluationSteps: number): number {
  return evaluationSteps * Math.max(1, Math.ceil(Math.floor(steps / evaluationSteps) / maxForgettingChecks));
}

/** The step at which a fraction of a training ends. At least 1, since a comparison needs a loss. */
export function stepAt(share: number, steps: number): number {
  return Math.min(steps, Math.max(1, Math.round(share * steps)));
}
