/** @file Creates a run of this engine: its id, its folder, and the initial values of its record. */
import { join } from "node:path";
import type { NewRun } from "@tunewise/core/run";
import {
  createRunFolder,
  makeRunId,
  type OuterLaunch,
  type RunFolder,
  writeWholeFile,
} from "@tunewise/tracker";
import { runIdVariable } from "../../launch/index.ts";
import { type Plan, writePlan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, hyperparametersOf, settingsText } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** A run to create. */
export interface RunToCreate {
  readonly prepared: Prepared;
  /** Absolute path of the output folder. */
  readonly output: string;
  /** Name, and name part of the id, if the user gives no run name; defaults to the recipe's name. */
  readonly usual?: { readonly idName: string; readonly name: string };
  /** The approved plan. Baseline comparisons have none. */
  readonly plan?: Plan;
  readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * Creates a run's folder with its recipe, configuration and plan. Does not add it to the store.
 *
 * @throws {TunewiseError} `RUN_EXISTS`, `RUN_FILE_WRITE_FAILED`
 */
export async function createRun(
  { prepared, output, usual, plan, summary }: RunToCreate,
  runtime: Pick<Runtime, "now" | "random" | "versions">,
): Promise<{ readonly run: NewRun; readonly folder: RunFolder }> {
  const { recipe, loaded, model, dataFingerprint } = prepared;
  const created = runtime.now();
  const id = makeRunId(loaded.runName ?? usual?.idName ?? recipe.name, created, runtime.random());
  const name = loaded.runName ?? usual?.name ?? recipe.name;
  const configuration = effectiveConfiguration(recipe);
  const folder = await createRunFolder(output, id, { recipeText: loaded.text, configuration });
  if (plan !== undefined) await writeWholeFile(folder.plan, writePlan(plan));
  await writeWholeFile(folder.origin, `${JSON.stringify(originOf(loaded))}\n`);
  const run: NewRun = {
    id,
    name,
    status: "running",
    createdAt: created.toISOString(),
    endedAt: null,
    recipeText: loaded.text,
    configuration,
    dataFingerprint,
    model: recipe.model.source,
    modelRevision: model.revision,
    versions: JSON.stringify(runtime.versions),
    folder: join("runs", id),
    wallSeconds: 0,
    spentMicroUsd: 0,
    summary: JSON.stringify(summary),
    project: recipe.name,
    params: hyperparametersOf(recipe),
  };
  return { run, folder };
}

/** The `tunewise exec` command in which this process runs, from its environment; `null` if there is none. */
export function outerLaunch({
  environment,
  processes,
}: Pick<Runtime, "environment" | "processes">): OuterLaunch | null {
  const id = environment[runIdVariable] ?? "";
  return id === "" ? null : { id, host: processes.host };
}

/** The recipe's original path and overridden settings. */
function originOf({ path, settings = {} }: Prepared["loaded"]): object {
  const set = settingsText(settings);
  return { recipe_path: path, ...(set === "" ? {} : { set }) };
}
