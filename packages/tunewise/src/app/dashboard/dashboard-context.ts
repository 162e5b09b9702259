/** @file Sources of the page's data: the store, its files, and run folders on this machine. */
import { join } from "node:path";
import type { TrackingContext } from "@tunewise/tracker";
import { isRunId, type RunFolder, runFolderAt, runsPath, type TrackedRun } from "@tunewise/tracker";
import type { ServedRecipes } from "./recipes/served-recipes.ts";

/** Context of all reads for the page. */
export interface DashboardContext extends TrackingContext {
  /** Absolute path of the output folder whose runs the store records; `null` if the runs are not on this machine. */
  readonly output: string | null;
  /** Recipes that the page may plan, check and start; omitted if there are none. */
  readonly recipes?: ServedRecipes | undefined;
}

/** Folder of a run of this engine, whether it exists or not; `null` for other runs. */
export function folderOf({ output }: DashboardContext, { client, id }: TrackedRun): RunFolder | null {
  // an id may name a folder only if it is a run id of this engine
  if (output === null || client !== "tunewise" || !isRunId(id)) return null;
  return runFolderAt(join(runsPath(output), id));
}
