/** @file FLOP of training and evaluation. */
import { losses } from "@tunewise/core/run";
import type { ModelDescription } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { workConstants as k } from "../constants.ts";
import type { Schedule } from "../plan.ts";
import type { Batches } from "./batches.ts";

/**
 * FLOP of one training epoch.
 *
 * Per token: 4 for each frozen weight (forward and input gradient), 6 for each trained weight of the adapter or the
 * model, 2 more with recomputation. Attention covers the entire T x T grid: the mask is added, not exploited. The head
 * only applies to tokens that contribute to the loss, twice forward if it takes two passes.
 *
 * @source Kaplan et al. 2020 (arXiv 2001.08361), section 2.1, less the weight gradients that LoRA does not need
 */
export function trainFlops(
  model: ModelDescription,
  adapter: PlannedAdapter,
  batches: Batches,
  { recompute }: Pick<Schedule, "recompute">,
  recipe: Pick<Recipe, "method" | "training">,
): number {
  const again = recompute === "layer" ? 1 : 0;
  const isFull = recipe.method.kind === "full";
  const beside = isFull ? 0 : (3 + again) * adapter.parameters;
  const ownGradient = isFull ? 1 : 0;
  const firstPass = takesTwoPasses(recipe) ? 1 : 0;
  const perToken = k.perWeight * ((2 + again + ownGradient) * model.parameters.linear + beside);
  const passes = k.attentionForward + (again ? k.attentionBackwardRecomputed : k.attentionBackward);
  return (
    batches.linearTokens * perToken +
    passes * attentionFlops(model, batches.attentionCells) +
    batches.labelledTokens * (2 + ownGradient + firstPass) * headFlops(model)
  );
}

/**
 * Whether the head computes the losses of labels before it computes gradients, as for a trained head and a loss other
 * than the likelihood.
 *
 * @source this engine: pass/training-loss.ts
 */
export function takesTwoPasses({ method, training }: Pick<Recipe, "method" | "training">): boolean {
  return method.kind === "full" && !losses[training.loss].isLikelihood;
}

/** FLOP of a forward pass over batches, with the head on labeled tokens. @source as for `trainFlops` */
export function forwardFlops(
  model: ModelDescription,
  adapter: PlannedAdapter | null,
  batches: Batches,
): number {
  const perToken = k.perWeight * (model.parameters.linear + (adapter?.parameters ?? 0));
  return (
    batches.linearTokens * perToken +
    k.attentionForward * attentionFlops(model, batches.attentionCells) +
    batches.labelledTokens * headFlops(model)
  );
}

/** FLOP of one decoding step of one row: all weights, the head, and attention over the KV cache. @source as above */
export function decodeFlops(model: ModelDescription, cachedTokens: number): number {
  return (
    k.perWeight * model.parameters.linear +
    headFlops(model) +
    k.attentionForward * attentionFlops(model, cachedTokens)
  );
}

/** FLOP of the head for one token: D x V. @source one multiplication and one addition per weight */
function headFlops({ hidden, vocabulary }: ModelDescription): number {
  return k.perWeight * hidden * vocabulary;
}

/** FLOP of one product over attention cells in all layers. @source Vaswani et al. 2017, section 3.2.1 */
function attentionFlops({ layers, heads, headWidth }: ModelDescription, cells: number): number {
  return 2 * cells * heads * headWidth * layers;
}
