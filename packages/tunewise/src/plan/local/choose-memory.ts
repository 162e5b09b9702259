/** @file Chooses recomputation and weight storage, and estimates memory. */
import { largest } from "@tunewise/core/math";
import { optimizers } from "@tunewise/core/run";
import type { PlannedAdapter } from "../adapter.ts";
import type { Calibration } from "../calibration/calibrate.ts";
import type { ForgettingLoad, PlanInput, RowLength } from "../input.ts";
import type { MemoryEstimate, Schedule } from "../plan.ts";
import { bytesPerWeight, holdingsOf } from "./base-storage.ts";
import { firstBatches } from "./first-batches.ts";
import { importanceMemory } from "./importance.ts";
import { estimateMemory, type MemoryNeeds } from "./memory.ts";
import { evaluationShapes, shapesOf, trainShapes } from "./memory-shapes.ts";
import { takesTwoPasses } from "./work.ts";

/** Inputs of the memory estimate. */
export interface MemoryInput
  extends Pick<PlanInput, "recipe" | "order" | "model" | "lengths" | "sharedPrefixTokens" | "judging"> {
  readonly machine: Pick<PlanInput["machine"], "memoryBytes" | "storedWeightBytes" | "compute">;
  readonly forgetting: Pick<ForgettingLoad, "sample" | "prompts"> | null;
  /** Calibration of memory by finished runs. */
  readonly calibration?: Calibration | null;
}

/** The chosen training mode and its memory. */
export interface ChosenMemory extends Pick<Schedule, "recompute" | "base"> {
  readonly estimate: MemoryEstimate;
  /** Peak without calibration. */
  readonly uncalibratedPeak: MemoryEstimate["peakBytes"];
  /** The exact batches, if they are known; `null`: batches of any epoch. */
  readonly known: readonly (readonly RowLength[])[] | null;
}

/** Length of the prefix shared in training; with dropout each row has its own masks, so nothing is shared. */
export function sharedInTraining({
  recipe,
  sharedPrefixTokens,
}: Pick<PlanInput, "recipe" | "sharedPrefixTokens">): number {
  return recipe.method.dropout > 0 ? 0 : sharedPrefixTokens;
}

/**
 * Estimates memory with the recipe's recomputation and weight storage. `auto` selects the fastest mode whose upper
 * bound fits, else the one with the least memory.
 */
export function chooseMemory(input: MemoryInput, adapter: PlannedAdapter): ChosenMemory {
  const { recipe, machine } = input;
  const known = firstBatches(input);
  const needs = memoryNeeds(input, adapter, known);
  const wish = recipe.training.gradientCheckpointing;
  const recomputing = wish === "auto" ? (["none", "layer"] as const) : [wish];
  const ways = (["memory", "disk"] as const).flatMap((place) =>
    recomputing.flatMap((recompute) =>
      holdingsOf(recipe, place, machine.compute).map((holding) => {
        const perWeight = bytesPerWeight(
          holding,
          machine.storedWeightBytes,
          recipe.method.doubleQuantization,
        );
        const way = { ...needs, recompute, base: { holding, perWeight } };
        return { recompute, base: holding, estimate: estimateMemory(way), needs: way };
      }),
    ),
  );
  const fitting = ways.find(({ estimate }) => estimate.fits === "yes");
  // with few layers, recomputing one layer may take more memory than saving all activations
  const high = ({ estimate }: (typeof ways)[number]): number => estimate.peakBytes.high;
  const {
    recompute,
    base,
    estimate,
    needs: chosen,
  } = fitting ?? ways.reduce((least, way) => (high(way) < high(least) ? way : least));
  const { peakBytes: uncalibratedPeak } = estimateMemory({ ...chosen, calibration: null });
  return { recompute, base, estimate, uncalibratedPeak, known };
}

function memoryNeeds(
  {
    recipe,
    model,
    lengths,
    judging,
    forgetting,
    machine,
    calibration,
    sharedPrefixTokens: shared,
  }: MemoryInput,
  adapter: PlannedAdapter,
  known: ChosenMemory["known"],
): Omit<MemoryNeeds, "recompute" | "base"> {
  const { maxLength } = recipe.data;
  const prefix = sharedInTraining({ recipe, sharedPrefixTokens: shared });
  const test = lengths.test.slice(0, recipe.evaluation.rows ?? lengths.test.length);
  return {
    model,
    adapter,
    optimizer: optimizers[recipe.training.optimizer].engine,
    optimizerState: recipe.training.optimizerState,
    hasTwoHeads: takesTwoPasses(recipe),
    importance: importanceMemory({ recipe, model }, adapter),
    train: known ? shapesOf(known, prefix) : trainShapes(lengths.train, recipe.training, maxLength, prefix),
    validation:
      lengths.validation.length > 0 ? evaluationShapes(lengths.validation, maxLength, shared) : null,
    forgetting: forgetting && {
      shapes: evaluationShapes(forgetting.sample.rows, Number.POSITIVE_INFINITY, 0),
      whileTraining: recipe.forgetting.everyCheckpoint,
      comparedPlaces: largest(forgetting.prompts.map(({ tokens: length }) => length)),
    },
    loss: judging.loss && test.length > 0 ? evaluationShapes(test, maxLength, shared) : null,
    generate: judging.answers && test.length > 0 ? generateNeeds(test, recipe, model, shared) : null,
    memoryBytes: machine.memoryBytes,
    calibration: calibration ?? null,
  };
}

/**
 * The group of prompts with the largest KV cache; prompts are grouped by length, the shortest first.
 *
 * @source this engine: generate/generate.ts
 */
function generateNeeds(
  test: readonly RowLength[],
  { data, evaluation }: MemoryInput["recipe"],
  { contextLength }: MemoryInput["model"],
  shared: number,
): NonNullable<MemoryNeeds["generate"]> {
  const prompts = test
    .map((row) => ({ ...row, tokens: row.promptTokens, labelledTokens: 1 }))
    .sort((a, b) => a.tokens - b.tokens);
  const { batchSize, maxNewTokens } = evaluation;
  let largestGroup = { rows: 0, tokens: 0 };
  for (let from = 0; from < prompts.length; from += batchSize) {
    const rows = Math.min(batchSize, prompts.length - from);
    const longest = prompts[from + rows - 1]?.tokens ?? 0;
    const group = { rows, tokens: Math.min(contextLength, longest + maxNewTokens) };
    if (group.rows * group.tokens > largestGroup.rows * largestGroup.tokens) largestGroup = group;
  }
  return { ...largestGroup, prompts: evaluationShapes(prompts, data.maxLength, shared) };
}
