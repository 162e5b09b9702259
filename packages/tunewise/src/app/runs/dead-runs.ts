/** @file Finds runs that are recorded as running although their process is gone, for example after a kill. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { disk } from "@tunewise/core/files";
import type { Run } from "@tunewise/core/run";
import { isLocked, type JournaledStore, runFolderAt, runsPath } from "@tunewise/tracker";
import { isProblemIn } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Maximum number of running runs to examine. */
const maxRuns = 500;
/** Grace period, because a run is recorded before its folder is locked, and a trial may move between processes. */
const gracePeriodMs = 120_000;

/**
 * Ids of runs that are recorded as running although their process is gone. First updates the store from the run
 * folders, because it may have missed the end of a run.
 *
 * @throws {TunewiseError} those of the store
 */
export async function deadRuns(store: JournaledStore, output: string, runtime: Runtime): Promise<string[]> {
  const dead: string[] = [];
  for (const run of await store.listRuns({ status: "running", limit: maxRuns })) {
    if (await isLocked(runFolderAt(join(runsPath(output), run.id)).lock, runtime.processes)) continue;
    const known = (await catchUp(store, run.id)) ? await store.findRun(run.id) : run;
    if (await isDead(known, output, runtime)) dead.push(run.id);
  }
  return dead;
}

/** Copies missing journal entries to the store and returns whether there were any. Ignores an unreadable journal. */
async function catchUp(store: JournaledStore, id: string): Promise<boolean> {
  try {
    return (await store.catchUp(id)) > 0;
  } catch (error) {
    if (isProblemIn(error, "run-file")) return false;
    throw error;
  }
}

/** Whether a run is recorded as running but has no process. */
export async function isDead(run: Run, output: string, { processes, now }: Runtime): Promise<boolean> {
  if (run.status !== "running") return false;
  const { path, lock } = runFolderAt(join(runsPath(output), run.id));
  if (await isLocked(lock, processes)) return false;
  const wasLocked = (await disk.list(path)).includes("lock");
  return wasLocked || now().getTime() - Date.parse(run.createdAt) > gracePeriodMs;
}

/**
 * Updates the store with the outcome of runs, and marks dead ones as interrupted. Leaves a store unchanged if it is not
 * writable.
 */
export async function settleDeadRuns(store: JournaledStore, output: string, runtime: Runtime): Promise<void> {
  try {
    for (const id of await deadRuns(store, output, runtime)) {
      const seen = await stat(runFolderAt(join(runsPath(output), id)).events).catch(() => null);
      const endedAt = (seen?.mtime ?? runtime.now()).toISOString();
      await store.settle(id, { status: "interrupted", endedAt });
    }
  } catch (error) {
    if (!isProblemIn(error, "store")) throw error;
  }
}
