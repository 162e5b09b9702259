/** @file Settles the on-disk meters of killed runs: records their last ticks in the ledger. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TunewiseError } from "../../problem/index.ts";
import { bookTick, type Runtime, tickPath } from "../../runtime/index.ts";
import {
  isLocked,
  type JournaledStore,
  openRuns,
  runFolderAt,
  runsPath,
  storePath,
} from "../../track/index.ts";

/**
 * Records the last ticks of runs whose process is gone. A store that is not writable now is settled next time.
 *
 * @param output absolute path of the folder of runs
 */
export async function settleTicks(
  output: string,
  runtime: Pick<Runtime, "processes" | "now">,
): Promise<void> {
  const orphans = await orphansIn(output, runtime);
  if (orphans.length === 0 || !existsSync(storePath(output))) return;
  try {
    const store = await openRuns(output);
    try {
      for (const id of orphans) await bookOrphan(store, id, output, runtime);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!TunewiseError.is(error) || !/^(STORE|RUN_FILE)_/.test(error.code)) throw error;
  }
}

async function bookOrphan(
  store: JournaledStore,
  id: string,
  output: string,
  { processes, now }: Pick<Runtime, "processes" | "now">,
): Promise<void> {
  try {
    await bookTick(store, id, runFolderAt(join(runsPath(output), id)), processes, now());
  } catch (error) {
    // A run unknown to the store has no ledger here.
    if (!TunewiseError.is(error) || error.code !== "RUN_NOT_FOUND") throw error;
  }
}

async function orphansIn(output: string, { processes }: Pick<Runtime, "processes">): Promise<string[]> {
  const orphans: string[] = [];
  for (const id of (await readdir(runsPath(output)).catch((): string[] => [])).sort()) {
    const folder = runFolderAt(join(runsPath(output), id));
    if (existsSync(tickPath(folder)) && !(await isLocked(folder.lock, processes))) orphans.push(id);
  }
  return orphans;
}
