/**
 * @file Runs that say "running" and whose process is gone: a kill leaves nobody to say so.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { disk } from "../../files/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Run } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import { isLocked, type JournaledStore, runFolderAt, runsPath } from "../../track/index.ts";

/** Runs at work that are looked at. */
const lookedMost = 500;
/** A run is noted down before its folder is locked, and a trial may be handed to another process in between. */
const beginningMs = 120_000;

/**
 * Ids of runs that say "running" and have ended without a word. What a run's folder says of its end and the store does
 * not, since it could not be written then, comes in first.
 *
 * @throws {TunewiseError} what the store throws
 */
export async function deadRuns(store: JournaledStore, output: string, host: Host): Promise<string[]> {
  const dead: string[] = [];
  for (const run of await store.listRuns({ status: "running", limit: lookedMost })) {
    if (await isLocked(runFolderAt(join(runsPath(output), run.id)).lock, host.processes)) continue;
    const known = (await caughtUp(store, run.id)) ? await store.findRun(run.id) : run;
    if (await isDead(known, output, host)) dead.push(run.id);
  }
  return dead;
}

/** Whether there was something that the store lacked; a journal that cannot be read says nothing. */
async function caughtUp(store: JournaledStore, id: string): Promise<boolean> {
  try {
    return (await store.catchUp(id)) > 0;
  } catch (error) {
    if (TunewiseError.is(error) && error.code.startsWith("RUN_FILE_")) return false;
    throw error;
  }
}

/** Whether a run says that it is running, and no process works on it. */
export async function isDead(run: Run, output: string, { processes, now }: Host): Promise<boolean> {
  if (run.status !== "running") return false;
  const { path, lock } = runFolderAt(join(runsPath(output), run.id));
  if (await isLocked(lock, processes)) return false;
  const wasLocked = (await disk.list(path)).includes("lock");
  return wasLocked || now().getTime() - Date.parse(run.createdAt) > beginningMs;
}

/**
 * Brings in how runs ended, and marks dead ones as interrupted, so that whoever looks sees how they stand. A store that
 * cannot be written is left as it is.
 */
export async function settleDeadRuns(store: JournaledStore, output: string, host: Host): Promise<void> {
  try {
    for (const id of await deadRuns(store, output, host)) {
      const seen = await stat(runFolderAt(join(runsPath(output), id)).events).catch(() => null);
      const endedAt = (seen?.mtime ?? host.now()).toISOString();
      await store.settle(id, { status: "interrupted", endedAt });
    }
  } catch (error) {
    if (!TunewiseError.is(error) || !error.code.startsWith("STORE_")) throw error;
  }
}
