/**
 * @file Finds a run in an output folder, by id, by the start of one, or the latest.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { problem } from "../problem/index.ts";
import type { Run } from "../run/index.ts";
import { openStore, type RunFolder, runFolderAt, type Store } from "../track/index.ts";
import { readTextFile } from "../untrusted/index.ts";
import type { Host } from "./host.ts";
import { type LoadedRecipe, type RecipeOverrides, recipeFromText } from "./load-recipe.ts";
import { isTraining } from "./search/trial-summary.ts";
import { storePath } from "./store-path.ts";

/** Where runs lie when nothing else is said. */
export const defaultOutput = ".tunewise";

/** Newest runs among which the latest training is; tries of arms and trials of searches are none. */
const looked = 1000;

/** A run with its folder. */
export interface FoundRun {
  readonly run: Run;
  readonly folder: RunFolder;
  readonly output: string;
}

/** Opens the store of an output folder for the length of `work`. */
export async function withStore<Result>(
  host: Host,
  output: string,
  work: (store: Store, output: string) => Promise<Result>,
): Promise<Result> {
  const absolute = resolve(host.cwd, output);
  const store = await openStore(storePath(absolute));
  try {
    return await work(store, absolute);
  } finally {
    await store.close();
  }
}

/**
 * The run that a word names.
 *
 * @param word an id, the start of one, or `latest`
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function findRun(word: string, host: Host, output: string = defaultOutput): Promise<FoundRun> {
  const path = storePath(resolve(host.cwd, output));
  if (!existsSync(path)) throw problem("RUN_NOT_FOUND", { id: word, store: path });
  return withStore(host, output, async (store, absolute) => {
    const newest = word === "latest" ? await store.listRuns({ limit: looked }) : [];
    const run = newest.find((one) => isTraining(one)) ?? (await store.findRun(word));
    return { run, output: absolute, folder: runFolderAt(join(absolute, "runs", run.id)) };
  });
}

/**
 * The recipe a run started with, at the place it stood; what the command line overrode is in force again.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function recipeOfRun(
  { run, folder, output }: FoundRun,
  overrides: RecipeOverrides = {},
): Promise<LoadedRecipe> {
  const origin = await readTextFile(folder.origin).catch((cause: unknown) => {
    throw problem("RUN_FILE_UNREADABLE", { path: folder.origin, reason: "it cannot be opened" }, { cause });
  });
  const path = String((JSON.parse(origin) as { recipe_path?: unknown }).recipe_path ?? "");
  const { recipe, ...rest } = recipeFromText(run.configuration, path, folder.configuration, {
    output,
    ...overrides,
  });
  return { ...rest, recipe, text: run.recipeText };
}
