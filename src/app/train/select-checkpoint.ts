/**
 * @file Which checkpoint becomes the result.
 */
import { chooseTradeoff, type TradeoffPoint } from "../../evaluate/index.ts";
import { maxForgettingChecks, type Recipe } from "../../recipe/index.ts";
import type { CheckpointInfo } from "./checkpoints.ts";

/** The step the rule chooses so far; `null`: nothing was measured yet. Of `last` it is the best, kept for a failure. */
export function selectCheckpoint(info: CheckpointInfo, recipe: Recipe): number | null {
  if (recipe.training.keep !== "best-tradeoff") return info.best?.step ?? null;
  const tradeoff = chooseTradeoff(tradeoffPoints(info), recipe.forgetting);
  return tradeoff ?? info.best?.step ?? null;
}

/** Steps at which validation loss and forgetting were both measured. */
export function tradeoffPoints({ curves, forgetting }: CheckpointInfo): TradeoffPoint[] {
  const losses = new Map(curves.validation);
  return forgetting.flatMap(({ step, perplexityRise, kl }) => {
    const validationLoss = losses.get(step);
    return validationLoss === undefined || perplexityRise === null
      ? []
      : [{ step, validationLoss, perplexityRise, kl }];
  });
}

/**
 * Steps between looks: those between evaluations, or a multiple where that would be more than `maxForgettingChecks` looks.
 *
 * @param evaluationSteps steps between looks at the validation loss, at least 1
 */
export function stepsBetweenForgettingChecks(steps: number, evaluationSteps: number): number {
  return evaluationSteps * Math.max(1, Math.ceil(Math.floor(steps / evaluationSteps) / maxForgettingChecks));
}
