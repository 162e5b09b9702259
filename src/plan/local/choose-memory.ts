/**
 * @file Memory of the way of training that a recipe and this machine leave.
 */
import type { PlannedAdapter } from "../adapter.ts";
import type { ForgettingLoad, PlanInput } from "../input.ts";
import type { MemoryEstimate, Schedule } from "../plan.ts";
import { bytesPerWeight, holdingsOf } from "./holding.ts";
import { importanceMemory } from "./importance.ts";
import { estimateMemory, type MemoryNeeds } from "./memory.ts";
import { judgedShapes, trainShapes } from "./memory-shapes.ts";

/** What memory follows from. */
export interface MemoryInput
  extends Pick<PlanInput, "recipe" | "model" | "lengths" | "sharedPrefixTokens" | "judging"> {
  readonly machine: Pick<PlanInput["machine"], "memoryBytes" | "storedWeightBytes">;
  readonly forgetting: Pick<ForgettingLoad, "sample" | "prompts"> | null;
}

/** The way of training, and what it takes. */
export interface ChosenMemory extends Pick<Schedule, "recompute" | "base"> {
  readonly estimate: MemoryEstimate;
}

/** With dropout every row has masks of its own, so a common beginning is not computed once. */
export function sharedInTraining({
  recipe,
  sharedPrefixTokens,
}: Pick<PlanInput, "recipe" | "sharedPrefixTokens">): number {
  return recipe.method.dropout > 0 ? 0 : sharedPrefixTokens;
}

/**
 * Memory with the recipe's way of recomputing and of holding the base; `auto` takes the quickest way that fits even
 * in a bad case, and where none does the one that takes least.
 */
export function chooseMemory(input: MemoryInput, adapter: PlannedAdapter): ChosenMemory {
  const { recipe, machine } = input;
  const needs = memoryNeeds(input, adapter);
  const wish = recipe.training.recompute;
  const recomputing = wish === "auto" ? (["none", "layer"] as const) : [wish];
  const ways = (["memory", "disk"] as const).flatMap((place) =>
    recomputing.flatMap((recompute) =>
      holdingsOf(recipe, place).map((holding) => {
        const perWeight = bytesPerWeight(
          holding,
          machine.storedWeightBytes,
          recipe.method.doubleQuantization,
        );
        const estimate = estimateMemory({ ...needs, recompute, base: { holding, perWeight } });
        return { recompute, base: holding, estimate };
      }),
    ),
  );
  const fitting = ways.find(({ estimate }) => estimate.fits === "yes");
  // in a model of a few layers what one layer computes again may be more than what all of them keep
  const high = ({ estimate }: (typeof ways)[number]): number => estimate.peakBytes.high;
  return fitting ?? ways.reduce((least, way) => (high(way) < high(least) ? way : least));
}

function memoryNeeds(
  { recipe, model, lengths, judging, forgetting, machine, sharedPrefixTokens: shared }: MemoryInput,
  adapter: PlannedAdapter,
): Omit<MemoryNeeds, "recompute" | "base"> {
  const { maxLength } = recipe.data;
  const prefix = sharedInTraining({ recipe, sharedPrefixTokens: shared });
  const prompts = lengths.test.map((row) => ({ ...row, tokens: row.promptTokens, labelledTokens: 1 }));
  return {
    model,
    adapter,
    optimizer: recipe.training.optimizer,
    optimizerState: recipe.training.optimizerState,
    importance: importanceMemory({ recipe, model }, adapter),
    train: trainShapes(lengths.train, recipe.training, maxLength, prefix),
    validation: lengths.validation.length > 0 ? judgedShapes(lengths.validation, maxLength, shared) : null,
    forgetting: forgetting && {
      shapes: judgedShapes(forgetting.sample.rows, Number.POSITIVE_INFINITY, 0),
      whileTraining: recipe.forgetting.everyCheckpoint,
      comparedPlaces: largest(forgetting.prompts.map(({ tokens: length }) => length)),
    },
    loss: judging.loss && lengths.test.length > 0 ? judgedShapes(lengths.test, maxLength, shared) : null,
    generate:
      judging.answers && prompts.length > 0
        ? {
            rows: Math.min(recipe.evaluation.batchSize, prompts.length),
            tokens: largest(prompts.map(({ tokens: length }) => length)) + recipe.evaluation.maxNewTokens,
            prompts: judgedShapes(prompts, maxLength, shared),
          }
        : null,
    memoryBytes: machine.memoryBytes,
  };
}

/** The largest of any number of values; spreading them into `Math.max` would overflow the stack. */
function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}
