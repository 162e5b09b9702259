/** @file Selects the checkpoint that becomes the result. */

import type { TrainingState } from "@tunewise/core/run";
import { chooseTradeoff, type TradeoffPoint } from "../../evaluate/index.ts";
import type { Recipe } from "../../recipe/index.ts";

/** Measurements of a training's steps. */
export type MeasuredSteps = Pick<TrainingState, "best" | "curves" | "forgetting">;

/**
 * Returns the step that the recipe's rule selects so far; `null` before the first measurement. For `last` it is the
 * best step, which is retained in case training fails.
 */
export function selectCheckpoint(info: MeasuredSteps, recipe: Recipe): number | null {
  if (recipe.training.checkpointSelection !== "best-tradeoff") return info.best?.step ?? null;
  const tradeoff = chooseTradeoff(tradeoffPoints(info), recipe.forgetting);
  return tradeoff ?? info.best?.step ?? null;
}

/** Steps at which validation loss and forgetting were both measured. */
export function tradeoffPoints({
  curves,
  forgetting,
}: Pick<MeasuredSteps, "curves" | "forgetting">): TradeoffPoint[] {
  const losses = new Map(curves.validation);
  return forgetting.flatMap(({ step, perplexityRise, kl }) => {
    const validationLoss = losses.get(step);
    return validationLoss === undefined || perplexityRise === null
      ? []
      : [{ step, validationLoss, perplexityRise, kl }];
  });
}
