/** @file Records the last ticks of killed runs' on-disk meters in the ledger. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isLocked, type JournaledStore, openRuns, runFolderAt, runsPath, storePath } from "@tunewise/tracker";
import { isLeased, isWorking, workerEnd } from "../../executors/index.ts";
import { isProblemIn, TunewiseError } from "../../problem/index.ts";
import { bookTick, type Runtime, tickPath } from "../../runtime/index.ts";

type SettlingRuntime = Pick<Runtime, "processes" | "now">;

/**
 * Records the last ticks of runs whose process is gone. If the store is not writable now, a later call records them.
 *
 * @param output absolute path of the output folder
 * @param isWaiting whether to wait for workers that are still saving; otherwise a later call records their runs
 */
export async function settleTicks(
  output: string,
  runtime: SettlingRuntime,
  isWaiting = false,
): Promise<void> {
  const orphans = await orphansIn(output, runtime, isWaiting);
  if (orphans.length === 0 || !existsSync(storePath(output))) return;
  try {
    const store = await openRuns(output);
    try {
      for (const id of orphans) await bookOrphan(store, id, output, runtime);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!isProblemIn(error, "store", "run-file")) throw error;
  }
}

async function bookOrphan(
  store: JournaledStore,
  id: string,
  output: string,
  runtime: SettlingRuntime,
): Promise<void> {
  const folder = runFolderAt(join(runsPath(output), id));
  try {
    const workedUntil = await workerEnd(folder.path, runtime);
    await bookTick(store, id, folder, runtime.processes, runtime.now(), workedUntil);
  } catch (error) {
    // A run that the store does not know has no ledger here.
    if (!TunewiseError.is(error) || error.code !== "RUN_NOT_FOUND") throw error;
  }
}

async function orphansIn(output: string, runtime: SettlingRuntime, isWaiting: boolean): Promise<string[]> {
  const orphans: string[] = [];
  for (const id of (await readdir(runsPath(output)).catch((): string[] => [])).sort()) {
    const folder = runFolderAt(join(runsPath(output), id));
    if (!existsSync(tickPath(folder)) || (await isLocked(folder.lock, runtime.processes))) continue;
    if (await isLeased(folder.path, runtime)) continue;
    if (isWaiting || !(await isWorking(folder.path, runtime))) orphans.push(id);
  }
  return orphans;
}
