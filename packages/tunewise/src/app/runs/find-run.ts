/**
 * @file Finds a run of an output folder by id, id prefix, folder, or `latest`. A run missing from the store is
 * restored from its folder.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isTraining, type Run } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import {
  defaultOutput,
  isRunId,
  type JournaledStore,
  latestTraining,
  openRuns,
  type RunFolder,
  readBeginning,
  runFolderAt,
  runsPath,
  storePath,
} from "@tunewise/tracker";
import { type LoadedRecipe, type RecipeOverrides, recipeFromConfiguration } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { settleDeadRuns } from "./dead-runs.ts";
import { isKnown, isRunFolder, restoreRun } from "./restore-run.ts";

/** A run with its folder. */
export interface FoundRun {
  readonly run: Run;
  readonly folder: RunFolder;
  readonly output: string;
}

/** Runs `work` on the store of an output folder. */
export async function withStore<Result>(
  runtime: Runtime,
  output: string,
  work: (store: JournaledStore, output: string) => Promise<Result>,
): Promise<Result> {
  const absolute = resolve(runtime.cwd, output);
  const store = await openRuns(absolute);
  try {
    return await work(store, absolute);
  } finally {
    await store.close();
  }
}

/**
 * Finds the referenced run.
 *
 * @param word an id, an id prefix, `latest`, or a run's folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`; `TRAINING_NOT_FOUND` for `latest`
 */
export async function findRun(
  word: string,
  runtime: Runtime,
  output: string = defaultOutput,
): Promise<FoundRun> {
  const named = runFolderNamed(word, runtime);
  if (named !== null) return findByFolder(named, runtime);
  const path = storePath(resolve(runtime.cwd, output));
  const isThere = existsSync(path) || (await runIdsIn(resolve(runtime.cwd, output))).length > 0;
  if (!isThere) throw notFound(word, path);
  return withStore(runtime, output, async (store, absolute) => {
    await settleDeadRuns(store, absolute, runtime);
    const run = (await inStore(store, word)) ?? (await fromFolders(store, word, absolute, runtime));
    const folder = runFolderAt(join(runsPath(absolute), run.id));
    const isNew = existsSync(folder.record) && (await store.catchUp(run.id)) > 0;
    return { run: isNew ? await store.findRun(run.id) : run, output: absolute, folder };
  });
}

/** Returns the run folder at a path, or `null` if the path is not one. */
export function runFolderNamed(word: string, { cwd }: Pick<Runtime, "cwd">): RunFolder | null {
  const folder = runFolderAt(resolve(cwd, word));
  return isRunFolder(folder) ? folder : null;
}

/** Ids of the runs with a folder in an output folder, newest first. */
export async function runIdsIn(output: string): Promise<string[]> {
  const names = await readdir(runsPath(output)).catch(() => []);
  return names
    .filter((name) => isRunId(name) && isRunFolder(runFolderAt(join(runsPath(output), name))))
    .sort()
    .reverse();
}

async function findByFolder(folder: RunFolder, runtime: Runtime): Promise<FoundRun> {
  const runs = dirname(folder.path);
  if (basename(runs) !== "runs") {
    throw problem("RUN_FOLDER_MISPLACED", { path: folder.path });
  }
  return withStore(runtime, dirname(runs), async (store, output) => {
    await settleDeadRuns(store, output, runtime);
    const id = basename(folder.path);
    await restoreWithNote(store, folder, runtime);
    return { run: await store.findRun(id), output, folder };
  });
}

/** Restores a run from its folder. Prints a note if the run was not in the store. */
export async function restoreWithNote(
  store: JournaledStore,
  folder: RunFolder,
  { note }: Pick<Runtime, "note">,
): Promise<void> {
  const id = basename(folder.path);
  const wasKnown = await isKnown(store, id);
  await restoreRun(store, folder);
  if (!wasKnown) note?.(`run ${id} was not in the store and was brought in from its folder`);
}

async function inStore(store: JournaledStore, word: string): Promise<Run | null> {
  const latest = word === "latest" ? await latestTraining(store) : null;
  if (latest) return latest;
  try {
    return await store.findRun(word);
  } catch (error) {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
    throw error;
  }
}

/** Restores the referenced run from its folder if the store does not have it. */
async function fromFolders(
  store: JournaledStore,
  word: string,
  output: string,
  runtime: Runtime,
): Promise<Run> {
  const ids = (await runIdsIn(output)).filter((id) => word === "latest" || id.startsWith(word));
  const [first] = ids;
  if (first === undefined) throw notFound(word, storePath(output));
  if (word !== "latest" && ids.length > 1 && !ids.includes(word)) {
    throw problem("RUN_AMBIGUOUS", {
      id: word,
      count: ids.length,
      runs: ids.slice(0, 5).join(", "),
      example: first,
    });
  }
  for (const id of word === "latest" ? ids : [ids.includes(word) ? word : first]) {
    await restoreWithNote(store, runFolderAt(join(runsPath(output), id)), runtime);
    const run = await store.findRun(id);
    if (word !== "latest" || isTraining(run)) return run;
  }
  throw notFound(word, storePath(output));
}

/** The error for a missing run, which differs for `latest`. */
function notFound(word: string, store: string): Error {
  return word === "latest"
    ? problem("TRAINING_NOT_FOUND", { store })
    : problem("RUN_NOT_FOUND", { id: word, store });
}

/**
 * Returns the recipe of a run, with its original path and command-line overrides.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function recipeOfRun(
  { run, folder, output }: FoundRun,
  overrides: RecipeOverrides = {},
): Promise<LoadedRecipe> {
  const path = (await pathIn(folder.origin)) ?? pathOf((await readBeginning(folder.record))?.origin ?? null);
  if (path === null) {
    throw problem("RUN_FILE_UNREADABLE", {
      path: folder.origin,
      reason: "it does not state where the recipe was",
    });
  }
  const { recipe, ...rest } = recipeFromConfiguration(run.configuration, path, folder.configuration, {
    output,
    ...overrides,
  });
  return { ...rest, recipe, text: run.recipeText, runName: run.name };
}

async function pathIn(file: string): Promise<string | null> {
  return pathOf(await readTextFile(file).catch(() => null));
}

function pathOf(text: string | null): string | null {
  try {
    const { recipe_path: path } = JSON.parse(text ?? "") as { recipe_path?: unknown };
    return typeof path === "string" && path !== "" ? path : null;
  } catch {
    return null;
  }
}
