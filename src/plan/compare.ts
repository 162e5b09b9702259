/**
 * @file Full fine-tuning, LoRA and QLoRA side by side: the same rows, each at the place recommended for it.
 */
import type { Recipe } from "../recipe/index.ts";
import type { PlanInput } from "./input.ts";
import type { PlaceEstimate } from "./place/place.ts";
import { planRun } from "./plan-run.ts";

/** One method with the place that suits it best. */
export interface ComparedMethod {
  readonly method: Recipe["method"]["kind"];
  readonly trainedParameters: number;
  /** `null`: it fits nowhere on the list for certain. */
  readonly place: PlaceEstimate | null;
  /**
   * What one run and all of it cost less than full fine-tuning, and how much sooner one run ends, as shares; below 0:
   * more, later. `null`: one of the two fits nowhere, or the quantity is 0 or not known for full fine-tuning.
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
