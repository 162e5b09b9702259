/** @file Cost of EWC: estimating the importance of weights once per model and reference, and storing it. */
import { bytes, seconds } from "@tunewise/core/quantity";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, importanceConstants as k, workConstants } from "../constants.ts";
import type { PlanInput } from "../input.ts";
import type { MemoryTerm, TimePart } from "../plan.ts";
import { certain, dividedBy, type Factor, rangeOf, sumRanges, times } from "../range-arithmetic.ts";

/** Inputs of the estimate. */
type Needs = Pick<PlanInput, "recipe" | "model">;

/** Number of weights whose importance is estimated: those that the adapter changes. */
function importantWeights({ recipe, model }: Needs, adapter: PlannedAdapter): number {
  if (recipe.method.kind === "full") return model.parameters.total;
  const widths = model.projections.filter(({ name }) => adapter.targets.includes(name));
  return widths.reduce(
    (sum, { inputWidth, outputWidth, copies }) => sum + model.layers * copies * inputWidth * outputWidth,
    0,
  );
}

/**
 * Work of the squared gradients: per weight, or only as sums by row and column, which need no explicit gradient if rows
 * are short.
 *
 * @source operations as counted in `engine/models/squares.ts`: 4 N^2 (I + O) by products, 2 N I O by the gradient
 */
function squaresWork({ recipe, model }: Needs, adapter: PlannedAdapter): { passes: number; flops: number } {
  const { regularization } = recipe;
  const tokens = regularization.length * k.filledShare;
  const important = model.projections.filter(
    ({ name }) => recipe.method.kind === "full" || adapter.targets.includes(name),
  );
  const sum = (of: (a: number, b: number) => number): number =>
    important.reduce(
      (all, { inputWidth, outputWidth, copies }) => all + copies * of(inputWidth, outputWidth),
      0,
    );
  const byProducts = 4 * tokens ** 2 * sum((a, b) => a + b);
  const byGradient = 2 * tokens * sum((a, b) => a * b);
  if (regularization.fisher === "full" || byGradient <= byProducts) return { passes: 3, flops: 0 };
  return { passes: 2, flops: model.layers * byProducts };
}

/**
 * Time to estimate importance; none if the recipe does not use it, and a lower bound of 0 since it may be cached.
 *
 * @source FLOP per weight and token: 2 forward, 2 for the gradient of the input and 2 for that of the weight; and a
 *   pass over the squares of each sequence
 */
export function importancePart(
  input: Needs,
  adapter: PlannedAdapter,
  speeds: { readonly flops: Factor },
): TimePart[] {
  const { regularization } = input.recipe;
  if (regularization.method !== "ewc") return [];
  const { linear } = input.model.parameters;
  const tokens = regularization.examples * regularization.length * k.filledShare;
  const head = 2 * input.model.hidden * input.model.vocabulary;
  const { passes, flops } = squaresWork(input, adapter);
  const work = tokens * workConstants.perWeight * (passes * linear + head) + regularization.examples * flops;
  const squared = passes === 3 ? importantWeights(input, adapter) : importantTables(input);
  const squares = times(certain(regularization.examples * squared), k.secondsPerSquare);
  const all = sumRanges([dividedBy(certain(work), speeds.flops), squares]);
  const reason = `importance of weights from ${regularization.examples} sequences; none where it is known already`;
  return [{ name: "importance", seconds: rangeOf({ ...all, low: 0 }, seconds), reason }];
}

/** Memory of importance. */
export interface ImportanceMemory {
  /** During training: a bfloat16 per weight; factored importance takes almost nothing. */
  readonly held: readonly MemoryTerm[];
  /** During estimation. */
  readonly sums: readonly MemoryTerm[];
  /** Tokens of a sequence during estimation; 0: no estimation. */
  readonly tokens: number;
}

/** Computes the memory for estimating and storing importance. */
export function importanceMemory(input: Needs, adapter: PlannedAdapter): ImportanceMemory {
  const { regularization } = input.recipe;
  if (regularization.method !== "ewc") return { held: [], sums: [], tokens: 0 };
  const whole = regularization.fisher === "full";
  const weights = importantWeights(input, adapter);
  const tables = importantTables(input);
  const term = (held: number, reason: string): MemoryTerm[] =>
    held === 0 ? [] : [{ name: "importance", bytes: rangeOf(certain(held), bytes), reason }];
  const layer = whole ? (weights - tables) / input.model.layers : 0;
  // at the end the bfloat16 values and their sums are both in memory
  const sums = floatBytes * (layer + tables) + (whole ? (floatBytes + 2) * weights : 0);
  return {
    held: whole ? term(2 * weights, "a bfloat16 for each weight that is held") : [],
    sums: term(sums, whole ? "a sum for each weight, and gradients of a layer" : "gradients of the tables"),
    tokens: regularization.length,
  };
}

/** Embedding, head and norms, whose gradients are used directly. */
function importantTables({ recipe, model }: Needs): number {
  return recipe.method.kind === "full" ? model.parameters.total - model.parameters.linear : 0;
}
