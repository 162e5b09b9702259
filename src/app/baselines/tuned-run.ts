/**
 * @file The run whose result a `tuned` arm is.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, type Recipe, readConfiguration } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import { openRuns, runFolderAt, type Store, storePath } from "../../track/index.ts";
import { type FoundRun, isTraining, settingsOf } from "../runs/index.ts";

/** How many runs are looked through. */
const looked = 1000;

/** The same for a recipe's own output folder; `null` where nothing ran yet. */
export async function trainedRun(
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

/** The newest completed run that trained as the recipe says, seed aside; `null`: there is none. */
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
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: looked });
  const wanted = trainingOf(effectiveConfiguration(recipe));
  return (
    runs.find(
      (run) =>
        isTraining(run) && run.modelRevision === model.revision && trainingOf(run.configuration) === wanted,
    ) ?? null
  );
}

/** Settings that decide what is trained, as text: how it is judged afterwards is none of them. */
function trainingOf(configuration: string): string {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  if (recipe === null) return configuration;
  const settings = Object.entries(settingsOf(effectiveConfiguration(recipe))).filter(
    ([path]) => path !== "training.seed" && !/^(evaluation|forgetting|safety|task\.metrics)\b/.test(path),
  );
  return JSON.stringify(settings);
}

/** The recipe of a run that shall answer beside this recipe's base: how its base is held must be the same. */
export function holdsAlike(run: Run, { method }: Recipe): boolean {
  const { recipe } = readConfiguration(run.configuration, "configuration.json");
  return recipe !== null && (recipe.method.kind === "qlora") === (method.kind === "qlora");
}
