/** @file Finds the validation loss to beat: the recipe's target, or that of the best comparable run. */

import { isTraining, type Run } from "@tunewise/core/run";
import type { Store } from "@tunewise/tracker";
import type { LossToBeat } from "../../guard/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, type Recipe, readConfiguration, templateKey } from "../../recipe/index.ts";

/** Maximum number of runs to examine. */
const maxRuns = 1000;

/**
 * Returns the recipe's target, or the lowest validation loss of comparable completed runs; `null` if there is neither.
 */
export async function findTarget(
  store: Pick<Store, "listRuns" | "metricHistory">,
  { recipe, model, dataFingerprint }: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
  runId: string,
): Promise<LossToBeat | null> {
  if (recipe.guards.target !== null) return { loss: recipe.guards.target, of: "guards.target", curve: [] };
  if (recipe.guards.futility === "off") return null;
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: maxRuns });
  const own = effectiveConfiguration(recipe);
  const unit = unitOf(own);
  const isAlike = (run: Run): boolean =>
    run.id !== runId &&
    isTraining(run) &&
    run.modelRevision === model.revision &&
    unitOf(run.configuration) === unit;
  let best: LossToBeat | null = null;
  for (const run of runs.filter(isAlike)) {
    const history = await store.metricHistory(run.id, "validation/loss");
    const ratio = stepRatio(run.configuration, own);
    const course = history
      .filter(({ value }) => Number.isFinite(value))
      .map(({ step, value: loss }) => ({ step: step * ratio, loss }));
    const loss = course.reduce((lowest, point) => Math.min(lowest, point.loss), Number.POSITIVE_INFINITY);
    if (loss < (best?.loss ?? Number.POSITIVE_INFINITY)) best = { loss, of: `run ${run.id}`, curve: course };
  }
  return best;
}

/** Number of steps in the second run that process as many rows as one step of the first. */
function stepRatio(first: string, second: string): number {
  const rows = ({ training }: Recipe): number => training.batchSize * training.gradientAccumulationSteps;
  const [one, other] = [first, second].map((text) => readConfiguration(text, "configuration.json").recipe);
  return one && other ? rows(one) / rows(other) : 1;
}

/**
 * Settings that must be equal for losses to be comparable: the rows, their format and truncation, and the tokens that
 * count.
 */
function unitOf(configuration: string): string {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  if (recipe === null) return configuration;
  const { format, columns, answers, system, promptTemplate, loss, trainOn, reasoning } = recipe.data;
  const { maxLength, overflow, split, rows } = recipe.data;
  const { validation, seed, by } = split;
  const template = templateKey(recipe.model);
  const cut = [maxLength, overflow, rows.validation, validation, seed, by];
  return JSON.stringify([
    format,
    columns,
    answers,
    system,
    promptTemplate,
    loss,
    trainOn,
    reasoning,
    cut,
    template,
  ]);
}
