/**
 * @file `tunewise run`: carries out an approved plan.
 */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writePlan } from "../plan/index.ts";
import { effectiveConfiguration } from "../recipe/index.ts";
import type { Run, RunEvent } from "../run/index.ts";
import { createRunFolder, makeRunId, openStore, type RunFolder, writeWholeFile } from "../track/index.ts";
import type { ApprovedPlan } from "./approve.ts";
import { deadRuns, duplicateProblem } from "./duplicates/earlier.ts";
import { experimentOf } from "./duplicates/experiment.ts";
import type { Host } from "./host.ts";
import { finish, type RunOutcome } from "./run/finish.ts";
import { withSession } from "./run/open-session.ts";
import { train } from "./run/train.ts";
import { storePath } from "./store-path.ts";

/**
 * Trains, judges and reports. Whatever ends it early leaves a checkpoint to go on from.
 *
 * @param force why it shall run although the same experiment ran before; goes on record
 * @throws {TunewiseError} `RUN_DUPLICATE`
 */
export async function runRecipe(
  approved: ApprovedPlan,
  host: Host,
  watch: (event: RunEvent) => void,
  force: string | null = null,
): Promise<RunOutcome> {
  const { prepared, plan } = approved;
  const { recipe, loaded } = prepared;
  const output = resolve(loaded.folder, recipe.output);
  const created = host.now();
  const runId = makeRunId(recipe.name, created, host.random());
  const configuration = effectiveConfiguration(recipe);
  const folder = await createRunFolder(output, runId, { recipeText: loaded.text, configuration });
  await writeWholeFile(folder.plan, writePlan(plan));
  await writeWholeFile(folder.origin, `${JSON.stringify({ recipe_path: loaded.path })}\n`);
  const createdAt = created.toISOString();
  await register(approved, host, { runId, createdAt, configuration, folder, output, force });
  return withSession({ runId, createdAt, output, folder, prepared, plan, host, watch }, async (session) =>
    finish(session, await train(session)),
  );
}

async function register(
  { prepared }: ApprovedPlan,
  host: Host,
  about: {
    readonly runId: string;
    readonly createdAt: string;
    readonly configuration: string;
    readonly folder: RunFolder;
    readonly output: string;
    readonly force: string | null;
  },
): Promise<void> {
  const { recipe, loaded, model, dataFingerprint } = prepared;
  const run: Run = {
    id: about.runId,
    name: recipe.name,
    status: "running",
    createdAt: about.createdAt,
    endedAt: null,
    recipeText: loaded.text,
    configuration: about.configuration,
    dataFingerprint,
    model: recipe.model.source,
    modelRevision: model.revision,
    versions: JSON.stringify(host.versions),
    folder: join("runs", about.runId),
    wallSeconds: 0,
    spentMicroUsd: 0,
    summary: "{}",
  };
  const store = await openStore(storePath(about.output));
  try {
    const { fingerprint, family } = experimentOf(
      prepared,
      about.configuration,
      host.versions["tunewise"] ?? "",
    );
    const dead = await deadRuns(store, about.output, host);
    const rival = await store.createRun(run, { fingerprint, family, forced: about.force, dead });
    if (rival) {
      await rm(about.folder.path, { recursive: true, force: true });
      throw await duplicateProblem(store, rival);
    }
  } finally {
    await store.close();
  }
}
