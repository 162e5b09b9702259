/** @file Cost of measuring forgetting: all rows by both models, and a sample at each evaluation. */
import { maxForgettingChecks } from "../../recipe/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import { floatBytes, speedConstants as k, workConstants } from "../constants.ts";
import type { ForgettingLoad, PlanInput, RowLength } from "../input.ts";
import type { Schedule } from "../plan.ts";
import { certain, dividedBy, type Factor, mapRange, sumRanges, times } from "../range-arithmetic.ts";
import { planLossBatches } from "./batches.ts";
import { forwardSeconds, generateSeconds, type Speeds } from "./time.ts";

/** These rows have their own limits; `data.max_length` does not apply. */
const whole = Number.POSITIVE_INFINITY;

/** Number of measurements during a run: one per evaluation, or per checkpoint without evaluations. */
export function countMeasurements(
  { evaluations, checkpoints }: Pick<Schedule, "evaluations" | "checkpoints">,
  { forgetting }: PlanInput["recipe"],
): number {
  if (!forgetting.measure || !forgetting.everyCheckpoint) return 0;
  return Math.min(maxForgettingChecks, evaluations > 0 ? evaluations : checkpoints);
}

/** Total tokens of all measurements and both models. */
export function forgettingTokens(
  { rows, prompts, regressionPrompts, sample }: ForgettingLoad,
  looks: number,
): number {
  const once = tokensOf(rows) + tokensOf(prompts) + tokensOf(regressionPrompts);
  return 2 * once + looks * (tokensOf(sample.rows) + 2 * tokensOf(sample.prompts));
}

/** Total time in seconds. */
export function forgettingSeconds(
  input: PlanInput,
  load: ForgettingLoad,
  adapter: PlannedAdapter,
  looks: number,
  speeds: Speeds,
): Factor {
  const asked = (rows: readonly RowLength[], arm: PlannedAdapter | null): Factor =>
    rows.length === 0
      ? certain(0)
      : forwardSeconds(
          input.model,
          arm,
          planLossBatches(rows, workConstants.evaluationCells, whole, 0),
          speeds,
        );
  const answered = (arm: PlannedAdapter | null): Factor =>
    load.regressionPrompts.length === 0
      ? certain(0)
      : generateSeconds(withAnswersOf(input), load.regressionPrompts, arm, speeds);
  const look = sumRanges([
    asked(load.sample.rows, adapter),
    compared(input, load.sample.prompts, adapter, speeds),
  ]);
  return sumRanges([
    asked(load.rows, null),
    asked(load.rows, adapter),
    answered(null),
    answered(adapter),
    compared(input, load.prompts, adapter, speeds),
    times(certain(looks), look),
  ]);
}

/** Time to compare prompts one by one: both models, and the sum over the vocabulary at each position. */
function compared(
  { model }: PlanInput,
  prompts: readonly RowLength[],
  adapter: PlannedAdapter,
  speeds: Speeds,
): Factor {
  if (prompts.length === 0) return certain(0);
  const batches = planLossBatches(prompts, 1, whole, 0);
  const words = tokensOf(prompts) * model.vocabulary;
  const weights = floatBytes * (model.parameters.linear + model.hidden * model.vocabulary);
  const packed = 2 * prompts.length * k.packedReads * weights;
  return sumRanges([
    forwardSeconds(model, null, batches, speeds),
    forwardSeconds(model, adapter, batches, speeds),
    dividedBy(certain(packed), speeds.bytes),
    mapRange(k.secondsPerComparedWord, (seconds) => words * seconds),
  ]);
}

/** The input with the generation settings of regression prompts. */
function withAnswersOf(input: PlanInput): PlanInput {
  const { maxNewTokens } = input.recipe.forgetting;
  const evaluation = { ...input.recipe.evaluation, maxNewTokens, batchSize: 8 };
  return {
    ...input,
    sharedPrefixTokens: 0,
    recipe: { ...input.recipe, evaluation, data: { ...input.recipe.data, maxLength: whole } },
  };
}

function tokensOf(rows: readonly RowLength[]): number {
  return rows.reduce((sum, { tokens }) => sum + tokens, 0);
}
