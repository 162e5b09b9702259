/** @file `tunewise store import runs`: restores runs from their folders into the store next to them. */
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { runFolderAt, runsPath, storePath } from "@tunewise/tracker";
import { isProblemIn, problem, TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { settleDeadRuns } from "./dead-runs.ts";
import { runFolderNamed, runIdsIn, withStore } from "./find-run.ts";
import { isKnown, restoreRun } from "./restore-run.ts";

/** Result of the import. */
export interface ImportedRuns {
  readonly folder: string;
  readonly store: string;
  /** Ids of runs added to the store, and of known runs whose missing entries were added. */
  readonly added: readonly string[];
  readonly completed: readonly string[];
  /** Number of runs that the store already had in full. */
  readonly there: number;
  readonly leftOut: readonly { readonly run: string; readonly reason: string }[];
  readonly wasStopped: boolean;
}

/**
 * Restores runs and entries that the store of an output folder lacks.
 *
 * @param word an output folder, its folder `runs`, or a run's folder
 * @throws {TunewiseError} `RUN_NOT_FOUND` if there is no run
 */
export async function importRuns(word: string, runtime: Runtime): Promise<ImportedRuns> {
  const { output, ids } = await sourceOf(word, runtime);
  if (ids.length === 0) throw problem("RUN_NOT_FOUND", { id: word, store: storePath(output) });
  await mkdir(output, { recursive: true });
  return withStore(runtime, output, async (store) => {
    const [added, completed, leftOut]: [string[], string[], { run: string; reason: string }[]] = [[], [], []];
    let there = 0;
    for (const id of ids) {
      if (runtime.signal.aborted) break;
      try {
        const wasKnown = await isKnown(store, id);
        const entries = await restoreRun(store, runFolderAt(join(runsPath(output), id)));
        if (!wasKnown) added.push(id);
        else if (entries > 0) completed.push(id);
        else there++;
      } catch (error) {
        if (isProblemIn(error, "store") || !TunewiseError.is(error)) throw error;
        leftOut.push({ run: id, reason: error.message });
      }
    }
    await settleDeadRuns(store, output, runtime);
    const about = { folder: runsPath(output), store: storePath(output) };
    return { ...about, added, completed, there, leftOut, wasStopped: runtime.signal.aborted };
  });
}

async function sourceOf(word: string, runtime: Runtime): Promise<{ output: string; ids: string[] }> {
  const named = runFolderNamed(word, runtime);
  if (named !== null) return { output: dirname(dirname(named.path)), ids: [basename(named.path)] };
  const path = resolve(runtime.cwd, word);
  const output = basename(path) === "runs" ? dirname(path) : path;
  return { output, ids: (await runIdsIn(output)).reverse() };
}
