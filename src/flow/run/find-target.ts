/**
 * @file The validation loss that a run is to beat: the recipe's own, or that of the best run like it.
 */
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import type { Store } from "../../track/index.ts";

import type { Prepared } from "../prepare.ts";
import { isTraining } from "../search/trial-summary.ts";

/** A loss to come below, in nats per labelled token of the validation rows. */
export interface Target {
  readonly loss: number;
  /** Whose it is, in words. */
  readonly of: string;
}

/** How many runs are looked through. */
const looked = 1000;

/** The recipe's target; else the lowest validation loss among completed runs on the same rows; `null`: neither. */
export async function findTarget(
  store: Pick<Store, "listRuns" | "metricHistory">,
  { recipe, model, dataFingerprint }: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
  runId: string,
): Promise<Target | null> {
  if (recipe.guards.target !== null) return { loss: recipe.guards.target, of: "guards.target" };
  if (recipe.guards.doomed === "off") return null;
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: looked });
  const own = unitOf(effectiveConfiguration(recipe));
  const isAlike = (run: Run): boolean =>
    run.id !== runId &&
    isTraining(run) &&
    run.modelRevision === model.revision &&
    unitOf(run.configuration) === own;
  let best: Target | null = null;
  for (const run of runs.filter(isAlike)) {
    for (const { value } of await store.metricHistory(run.id, "validation/loss")) {
      if (Number.isFinite(value) && value < (best?.loss ?? Number.POSITIVE_INFINITY)) {
        best = { loss: value, of: `run ${run.id}` };
      }
    }
  }
  return best;
}

/** What losses must share to be compared: the rows, how they are written and cut, and which tokens count. */
function unitOf(configuration: string): string {
  const { recipe } = readRecipe(configuration, "configuration.json");
  if (recipe === null) return configuration;
  const { format, columns, system, promptTemplate, maxLength, overflow, loss, split, rows } = recipe.data;
  const { validation, seed, by } = split;
  const cut = [maxLength, overflow, rows.validation, validation, seed, by];
  return JSON.stringify([format, columns, system, promptTemplate, loss, cut]);
}
