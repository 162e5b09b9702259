/**
 * @file Recipes that the page may plan, check and start. Only recipes named at server start are served, never other
 * files. Clients refer to them by name.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type BoundedGate, createGate } from "@tunewise/core/untrusted";
import { sourceFiles } from "@tunewise/datacheck/dataset";
import type { TrackingContext } from "@tunewise/tracker";
import { addProject, findProject, type Reader } from "@tunewise/tracker";
import { type LoadedRecipe, loadRecipe } from "../../../prepare/index.ts";
import { problem } from "../../../problem/index.ts";
import { dataSources, type RecipeSettings } from "../../../recipe/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import type { StartProgram } from "./program.ts";
import type { ShownCheck } from "./shown-check.ts";
import type { KeptPlan } from "./shown-plan.ts";

/** Options of the served recipes. */
export interface ServedRecipesOptions {
  /** Absolute paths of the recipes. */
  readonly paths: readonly string[];
  /**
   * Output folder whose runs the store records; `null` means that nothing can be started, because the server would not
   * show it.
   */
  readonly output: string | null;
  readonly start: StartProgram;
  readonly runtime: Runtime;
}

/** The served recipes, with their caches and limits. */
export interface ServedRecipes extends Omit<ServedRecipesOptions, "paths"> {
  /** Paths by name. */
  readonly paths: ReadonlyMap<string, string>;
  /** Limits the number of concurrent processes. Refuses requests if too many are waiting. */
  readonly gate: BoundedGate;
  readonly plans: Map<string, KeptPlan>;
  readonly checks: Map<string, ShownCheck>;
}

/** Maximum numbers of concurrent processes and of waiting requests. */
const [atOnce, maxWaiting] = [2, 8];
/** Maximum number of served recipes. */
const maxRecipes = 100;

/** Creates the served recipes. */
export function serveRecipes({ paths, ...options }: ServedRecipesOptions): ServedRecipes {
  return {
    ...options,
    paths: namesOf(paths.slice(0, maxRecipes)),
    gate: createGate(atOnce, maxWaiting),
    plans: new Map(),
    checks: new Map(),
  };
}

/** Names recipes by file name without extension, or by folder for `tunewise.yaml`. */
function namesOf(paths: readonly string[]): Map<string, string> {
  const named = new Map<string, string>();
  for (const path of new Set(paths)) {
    const stem = basename(path, extname(path));
    const bare = stem === "tunewise" ? basename(dirname(path)) || stem : stem;
    let name = bare;
    for (let count = 2; named.has(name); count++) name = `${bare}-${count}`;
    named.set(name, path);
  }
  return named;
}

/**
 * Returns the path of a recipe.
 *
 * @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN`
 */
export function recipePath({ paths }: ServedRecipes, name: string): string {
  const path = paths.get(name);
  if (path !== undefined) return path;
  throw problem("SERVED_RECIPE_UNKNOWN", { name: name.slice(0, 80) });
}

/** Reads the current state of a recipe. @throws {TunewiseError} those of `loadRecipe` */
export function readServed(
  served: ServedRecipes,
  name: string,
  settings: RecipeSettings = {},
): Promise<LoadedRecipe> {
  return loadRecipe(recipePath(served, name), served.runtime, { settings });
}

/**
 * Returns the project that records the recipe's runs, which has the recipe's `name`. Returns `null` if it does not
 * exist yet or the recipe cannot be read.
 *
 * @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN`
 */
export async function projectOfRecipe(
  reader: Reader,
  served: ServedRecipes,
  name: string,
): Promise<number | null> {
  recipePath(served, name);
  const loaded = await readServed(served, name).catch(() => null);
  return loaded && ((await findProject(reader, { name: loaded.recipe.name }))?.number ?? null);
}

/**
 * Creates missing projects of the served recipes. Otherwise anyone could create a project with a recipe's name, become
 * its admin, and thereby gain access to the recipe.
 */
export async function claimProjects(
  { write, now }: Pick<TrackingContext, "write" | "now">,
  served: ServedRecipes,
): Promise<void> {
  for (const name of served.paths.keys()) {
    const loaded = await readServed(served, name).catch(() => null);
    if (loaded === null) continue;
    const project = { name: loaded.recipe.name, artifactRoot: null, tags: [], nowMs: now() };
    await write(async (transaction) => {
      if (!(await findProject(transaction, project))) await addProject(transaction, project);
    });
  }
}

/** Digest that changes when a recipe, its settings or its data files change. */
export async function stampOf({ text, recipe: { data }, folder }: LoadedRecipe): Promise<string> {
  const files = await Promise.all(
    dataSources(data).map(({ source }) => sourceFiles(resolve(folder, source), source).catch(() => [])),
  );
  const stamps = await Promise.all(
    files.flat().map(async ({ path, shown }) => {
      const found = await stat(path).catch(() => null);
      return found ? `${shown} ${found.size} ${found.mtimeMs}` : "";
    }),
  );
  return createHash("sha256")
    .update(JSON.stringify([text, stamps]))
    .digest("hex");
}

/** Folder for plans and logs of runs started from the page. */
export function plansFolder(output: string): string {
  return join(output, "plans");
}

/** Adds an entry as the newest and removes the oldest entries above the limit. */
export function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
