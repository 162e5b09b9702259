/** @file Where the record of runs lies in an output folder. */
import { join } from "node:path";
import type { JournaledStore } from "./journal/journaled-store.ts";
import { openJournaledStore } from "./open-store.ts";

/**
 * The store's file.
 *
 * @example
 * import { storePath } from "tunewise/track";
 *
 * console.log(storePath("runs-of-may")); // runs-of-may/tunewise.db
 */
export function storePath(output: string): string {
  return join(output, "tunewise.db");
}

/** The folder that holds the folders of runs. */
export function runsPath(output: string): string {
  return join(output, "runs");
}

/** Opens the record of the runs of an output folder, which is there. */
export function openRuns(output: string): Promise<JournaledStore> {
  return openJournaledStore(storePath(output), runsPath(output));
}
