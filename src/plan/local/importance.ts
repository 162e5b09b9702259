/**
 * @file What EWC takes before and while training: importance of weights, once per model and reference.
 */
import { bytes, seconds } from "../../quantity/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, importanceConstants as k, workConstants } from "../constants.ts";
import type { PlanInput } from "../input.ts";
import type { MemoryTerm, TimePart } from "../plan.ts";
import { certain, dividedBy, type Factor, rangeOf, sumRanges, times } from "../range-arithmetic.ts";

/** What the estimate depends on. */
type Needs = Pick<PlanInput, "recipe" | "model">;

/** Weights whose importance is taken: those that the adapter changes. */
function importantWeights({ recipe, model }: Needs, adapter: PlannedAdapter): number {
  if (recipe.method.kind === "full") return model.parameters.total;
  const widths = model.projections.filter(({ name }) => adapter.targets.includes(name));
  return widths.reduce(
    (sum, { inputWidth, outputWidth, copies }) => sum + model.layers * copies * inputWidth * outputWidth,
    0,
  );
}

/**
 * Time of taking importance; nothing where the recipe has no use for it, or at best where it is known already.
 *
 * @source 6 FLOP per weight and token, forward and both gradients, as for full fine-tuning; and a pass over the squares
 *   of each sequence
 */
export function importancePart(
  input: Needs,
  adapter: PlannedAdapter,
  speeds: { readonly flops: Factor },
): TimePart[] {
  const { keep } = input.recipe;
  if (keep.method !== "ewc") return [];
  const { linear } = input.model.parameters;
  const tokens = keep.examples * keep.length * k.filledShare;
  const head = 2 * input.model.hidden * input.model.vocabulary;
  const work = tokens * workConstants.perWeight * (3 * linear + head);
  const squares = times(certain(keep.examples * importantWeights(input, adapter)), k.secondsPerSquare);
  const all = sumRanges([dividedBy(certain(work), speeds.flops), squares]);
  const reason = `importance of weights from ${keep.examples} sequences; none where it is known already`;
  return [{ name: "importance", seconds: rangeOf({ ...all, low: 0 }, seconds), reason }];
}

/** Importance of each weight, held while training; rows and columns alone take next to nothing. */
export function importanceTerm(input: Needs, adapter: PlannedAdapter): MemoryTerm[] {
  const { keep } = input.recipe;
  if (keep.method !== "ewc" || keep.fisher !== "full") return [];
  const weights = importantWeights(input, adapter);
  const held = certain(2 * weights);
  return [
    { name: "importance", bytes: rangeOf(held, bytes), reason: "a brain float for each weight that is held" },
  ];
}

/** What taking importance adds to what is always held: sums, and the gradient of one layer. */
export function importanceSums(input: Needs, adapter: PlannedAdapter): MemoryTerm[] {
  const { keep, method } = input.recipe;
  if (keep.method !== "ewc") return [];
  const weights = importantWeights(input, adapter);
  const tables = method.kind === "full" ? input.model.parameters.total - input.model.parameters.linear : 0;
  const layer = (weights - tables) / input.model.layers + tables;
  const floats = (keep.fisher === "full" ? weights : 0) + layer;
  const reason = `${keep.fisher === "full" ? "a sum for each weight, and " : ""}the gradient of one layer`;
  return [{ name: "importance", bytes: rangeOf(certain(floatBytes * floats), bytes), reason }];
}
