/**
 * @file Recipes that the page may plan, check and start: those that whoever started the server named, and nothing else
 * on the disk. Others know them by name alone.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type BoundedGate, createGate } from "@tunewise/core/untrusted";
import { addProject, findProject, type Reader } from "@tunewise/tracker";
import { type LoadedRecipe, loadRecipe } from "../../../prepare/index.ts";
import { problem } from "../../../problem/index.ts";
import type { RecipeSettings } from "../../../recipe/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import type { TrackingContext } from "../../tracking/index.ts";
import type { StartProgram } from "./program.ts";
import type { ShownCheck } from "./shown-check.ts";
import type { KeptPlan } from "./shown-plan.ts";

/** What is served, and how. */
export interface ServedRecipesOptions {
  /** Absolute paths of recipes. */
  readonly paths: readonly string[];
  /** Output folder whose runs the store records; `null`: nothing can be started, as nobody would see it. */
  readonly output: string | null;
  readonly start: StartProgram;
  readonly runtime: Runtime;
}

/** See the file. */
export interface ServedRecipes extends Omit<ServedRecipesOptions, "paths"> {
  /** Paths by name. */
  readonly paths: ReadonlyMap<string, string>;
  /** Lets few processes work at once; who would wait for too many others is refused. */
  readonly gate: BoundedGate;
  readonly plans: Map<string, KeptPlan>;
  readonly checks: Map<string, ShownCheck>;
}

/** Processes that compute at once, and requests that wait for them. */
const [atOnce, waitingMost] = [2, 8];
/** Recipes that are served. */
const recipesMost = 100;

/** Serves recipes. */
export function serveRecipes({ paths, ...options }: ServedRecipesOptions): ServedRecipes {
  return {
    ...options,
    paths: namesOf(paths.slice(0, recipesMost)),
    gate: createGate(atOnce, waitingMost),
    plans: new Map(),
    checks: new Map(),
  };
}

/** The name of a file without its ending; of `tunewise.yaml`, its folder's. */
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
 * The path of a recipe.
 *
 * @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN`
 */
export function recipePath({ paths }: ServedRecipes, name: string): string {
  const path = paths.get(name);
  if (path !== undefined) return path;
  throw problem("SERVED_RECIPE_UNKNOWN", { name: name.slice(0, 80) });
}

/** Reads a recipe as it is now. @throws {TunewiseError} those of `loadRecipe` */
export function readServed(
  served: ServedRecipes,
  name: string,
  settings: RecipeSettings = {},
): Promise<LoadedRecipe> {
  return loadRecipe(recipePath(served, name), served.runtime, { settings });
}

/**
 * The project into which the runs of a recipe are recorded, that of its `name`; `null`: there is none yet, or the
 * recipe cannot be read.
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
 * Makes the projects of the recipes where they are missing: whoever makes a project is its admin, and would otherwise
 * be let in on a recipe by giving a project of their own its name.
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

/** Changes when a recipe, its settings or its data files do. */
export async function stampOf({ text, recipe: { data }, folder }: LoadedRecipe): Promise<string> {
  const files = [data.train, data.validation, data.test].filter((file) => file !== null);
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(resolve(folder, file)).catch(() => null);
      return found ? `${found.size} ${found.mtimeMs}` : "";
    }),
  );
  return createHash("sha256")
    .update(JSON.stringify([text, stamps]))
    .digest("hex");
}

/** Where the plans and logs of runs lie that the page starts. */
export function plansFolder(output: string): string {
  return join(output, "plans");
}

/** Puts an entry last, and forgets the oldest ones beyond so many. */
export function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
