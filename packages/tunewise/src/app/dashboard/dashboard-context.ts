/** @file What the page's values are read from: the store, its files, and the folders of own runs where they are here. */
import { join } from "node:path";
import { isRunId, type RunFolder, runFolderAt, runsPath, type TrackedRun } from "@tunewise/tracker";
import type { TrackingContext } from "../tracking/index.ts";
import type { ServedRecipes } from "./recipes/served-recipes.ts";

/** See the file. */
export interface DashboardContext extends TrackingContext {
  /** Absolute path of the output folder whose runs the store records; `null`: they are elsewhere. */
  readonly output: string | null;
  /** Recipes that the page may plan, check and start; none without it. */
  readonly recipes?: ServedRecipes | undefined;
}

/** The folder of a run of this engine, whether it is there or not; `null` for other runs. */
export function folderOf({ output }: DashboardContext, { client, id }: TrackedRun): RunFolder | null {
  // a name is taken for a folder's only where no other one could be meant
  if (output === null || client !== "tunewise" || !isRunId(id)) return null;
  return runFolderAt(join(runsPath(output), id));
}
