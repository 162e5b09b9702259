/** @file Which checkpoint becomes the result. */

import type { TrainingState } from "@tunewise/core/run";
import { chooseTradeoff, type TradeoffPoint } from "../../evaluate/index.ts";
import type { Recipe } from "../../recipe/index.ts";

/** What is known of the steps of a training. */
export type MeasuredSteps = Pick<TrainingState, "best" | "curves" | "forgetting">;

/** The step the rule chooses so far; `null`: nothing was measured yet. Of `last` it is the best, kept for a failure. */
export function selectCheckpoint(info: MeasuredSteps, recipe: Recipe): number | null {
  if (recipe.training.keep !== "best-tradeoff") return info.best?.step ?? null;
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
