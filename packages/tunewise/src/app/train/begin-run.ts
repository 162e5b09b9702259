/** @file Begins a training run. Creates the run and records it, unless the same experiment was run before. */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { openRuns, plannedTag, type RunFolder, type Store } from "@tunewise/tracker";
import type { Plan } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { isProblemIn } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { claimOf, createRun, outerLaunch, refuseDuplicate } from "../runs/index.ts";

/** A run to begin. */
export interface NewRun {
  readonly prepared: Prepared;
  readonly plan: Plan;
  /** Reason to run although the same experiment was run before. It is recorded. */
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
 * Creates a run with its folder and its record.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE`, and as `createRun`
 */
export async function beginRun(
  { prepared, plan, force, summary }: NewRun,
  runtime: Runtime,
): Promise<BegunRun> {
  const { recipe, loaded } = prepared;
  const output = resolve(loaded.folder, recipe.output);
  const { run, folder } = await createRun({ prepared, output, plan, summary }, runtime);
  const store = await openRuns(output);
  try {
    const { configuration } = run;
    const claim = await claimOf({ prepared, configuration, output, forced: force }, store, runtime);
    const duplicate = await store.createRun(run, claim, outerLaunch(runtime));
    if (duplicate) {
      await rm(folder.path, { recursive: true, force: true });
      await refuseDuplicate(duplicate, claim, store, runtime);
    }
    if (summary["kind"] !== "trial") await tagPlanned(store, run.id, plan);
  } finally {
    await store.close();
  }
  return { runId: run.id, createdAt: run.createdAt, configuration: run.configuration, folder, output };
}

/**
 * Records the planned time as a tag, with which tables compare. If the store is busy, the tag stays in the journal,
 * like all later entries.
 */
async function tagPlanned(store: Pick<Store, "record">, runId: string, plan: Plan): Promise<void> {
  const value = String(Math.round(plan.time.seconds.expected * 1000));
  await store.record({ tags: [{ runId, key: plannedTag, value }] }).catch((error: unknown) => {
    if (!isProblemIn(error, "store")) throw error;
  });
}
