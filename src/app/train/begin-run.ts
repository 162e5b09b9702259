/** @file Begins a run: creates its folder and its record. */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Plan, writePlan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { createRunFolder, makeRunId, openRuns, type RunFolder, writeWholeFile } from "../../track/index.ts";
import { deadRuns, duplicateProblem, experimentOf } from "../runs/index.ts";

/** A run to begin. */
export interface NewRun {
  readonly prepared: Prepared;
  readonly plan: Plan;
  /** Reason to run although the same experiment ran before; recorded. */
  readonly force: string | null;
  /** Initial summary. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** A run with a folder and a record. */
export interface BegunRun {
  readonly runId: string;
  readonly createdAt: string;
  /** Effective configuration, as JSON. */
  readonly configuration: string;
  readonly folder: RunFolder;
  readonly output: string;
}

/**
 * Creates the folder of a run and records the run.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE`
 */
export async function beginRun(request: NewRun, runtime: Runtime): Promise<BegunRun> {
  const { recipe, loaded } = request.prepared;
  const output = resolve(loaded.folder, recipe.output);
  const created = runtime.now();
  const runId = makeRunId(recipe.name, created, runtime.random());
  const configuration = effectiveConfiguration(recipe);
  const folder = await createRunFolder(output, runId, { recipeText: loaded.text, configuration });
  await writeWholeFile(folder.plan, writePlan(request.plan));
  await writeWholeFile(folder.origin, `${JSON.stringify({ recipe_path: loaded.path })}\n`);
  const begun = { runId, createdAt: created.toISOString(), configuration, folder, output };
  await register(request, runtime, begun);
  return begun;
}

async function register(
  { prepared, force, summary }: NewRun,
  runtime: Runtime,
  { runId, createdAt, configuration, folder, output }: BegunRun,
): Promise<void> {
  const { recipe, loaded, model, dataFingerprint } = prepared;
  const run: Run = {
    id: runId,
    name: recipe.name,
    status: "running",
    createdAt,
    endedAt: null,
    recipeText: loaded.text,
    configuration,
    dataFingerprint,
    model: recipe.model.source,
    modelRevision: model.revision,
    versions: JSON.stringify(runtime.versions),
    folder: join("runs", runId),
    wallSeconds: 0,
    spentMicroUsd: 0,
    summary: JSON.stringify(summary),
  };
  const store = await openRuns(output);
  try {
    const { fingerprint, family } = experimentOf(prepared, configuration, runtime.versions["tunewise"] ?? "");
    const dead = await deadRuns(store, output, runtime);
    const duplicate = await store.createRun(run, { fingerprint, family, forced: force, dead });
    if (duplicate) {
      await rm(folder.path, { recursive: true, force: true });
      throw await duplicateProblem(store, duplicate);
    }
  } finally {
    await store.close();
  }
}
