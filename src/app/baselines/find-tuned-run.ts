/** @file Finds the run behind a `tuned` arm. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, type Recipe, readConfiguration } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import { openRuns, runFolderAt, type Store, storePath } from "../../track/index.ts";
import { type FoundRun, isTraining, settingsOf } from "../runs/index.ts";

/** Maximum number of runs that are examined. */
const maxRuns = 1000;

/** Finds the run in the recipe's output folder. Returns `null` if there is none. */
export async function findTrainedRun(
  prepared: Pick<Prepared, "loaded" | "recipe" | "model" | "dataFingerprint">,
  named: string | null = null,
): Promise<FoundRun | null> {
  const output = resolve(prepared.loaded.folder, prepared.recipe.output);
  if (named === null && !existsSync(storePath(output))) return null;
  const store = await openRuns(output);
  try {
    return await findTunedRun(store, output, prepared, named);
  } finally {
    await store.close();
  }
}

/** Returns the newest completed run with the recipe's training settings, apart from the seed, or `null`. */
async function findTunedRun(
  store: Store,
  output: string,
  prepared: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
  named: string | null,
): Promise<FoundRun | null> {
  const found = named === null ? await newest(store, prepared) : await store.findRun(named);
  return found && { run: found, output, folder: runFolderAt(join(output, "runs", found.id)) };
}

async function newest(
  store: Store,
  { recipe, model, dataFingerprint }: Pick<Prepared, "recipe" | "model" | "dataFingerprint">,
): Promise<Run | null> {
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: maxRuns });
  const wanted = trainingSettings(effectiveConfiguration(recipe));
  return (
    runs.find(
      (run) =>
        isTraining(run) &&
        run.modelRevision === model.revision &&
        trainingSettings(run.configuration) === wanted,
    ) ?? null
  );
}

/** Settings that determine the trained weights, as text; evaluation settings are excluded. */
function trainingSettings(configuration: string): string {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  if (recipe === null) return configuration;
  const settings = Object.entries(settingsOf(effectiveConfiguration(recipe))).filter(
    ([path]) => path !== "training.seed" && !/^(evaluation|forgetting|safety|task\.metrics)\b/.test(path),
  );
  return JSON.stringify(settings);
}

/** Whether a run has its base model in the same format as this recipe, so that both can share it. */
export function hasSameBaseFormat(run: Run, { method }: Recipe): boolean {
  const { recipe } = readConfiguration(run.configuration, "configuration.json");
  return recipe !== null && (recipe.method.kind === "qlora") === (method.kind === "qlora");
}
