/** @file Compares full fine-tuning, LoRA and QLoRA on the same rows, each with its recommended placement. */
import type { Recipe } from "../recipe/index.ts";
import type { PlanInput } from "./input.ts";
import type { PlaceEstimate } from "./place/place.ts";
import { planRun } from "./plan-run.ts";

/** A method and its recommended placement. */
export interface ComparedMethod {
  readonly method: Recipe["method"]["kind"];
  readonly trainedParameters: number;
  /** `null`: no placement certainly fits. */
  readonly place: PlaceEstimate | null;
  /**
   * Savings over full fine-tuning as shares: cost of one run, total cost, and time of one run; negative: more. `null`:
   * one of the two does not fit, or the value is 0 or unknown for full fine-tuning.
   */
  readonly runSaving: number | null;
  readonly totalSaving: number | null;
  readonly timeSaving: number | null;
}

/** Compares the three methods on the same recipe. */
export function compareMethods(input: PlanInput): ComparedMethod[] {
  const plans = (["full", "lora", "qlora"] as const).map((kind) => {
    const { places, best, model } = planRun(withMethod(input, kind));
    return {
      method: kind,
      trainedParameters: model.trainedParameters,
      place: best === null ? null : (places[best] ?? null),
    };
  });
  const full = plans[0]?.place;
  return plans.map((one) => ({
    ...one,
    runSaving: saving(full?.runUsd.expected, one.place?.runUsd.expected),
    totalSaving: saving(full?.total?.p50, one.place?.total?.p50),
    timeSaving: saving(full?.seconds?.expected, one.place?.seconds?.expected),
  }));
}

function withMethod(input: PlanInput, kind: Recipe["method"]["kind"]): PlanInput {
  return { ...input, recipe: { ...input.recipe, method: { ...input.recipe.method, kind } } };
}

function saving(full: number | undefined, other: number | undefined): number | null {
  return full === undefined || other === undefined || full <= 0 ? null : 1 - other / full;
}
