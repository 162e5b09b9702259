/** @file Lists the recipes that a caller may plan and start, with the settings that the page can change. */
import { dirname, relative, resolve } from "node:path";
import { shellWord } from "@tunewise/core/format";
import type { Reader } from "@tunewise/tracker";
import { knownModels } from "../../../catalog/index.ts";
import type { LoadedRecipe } from "../../../prepare/index.ts";
import { type Finding, placeText, TunewiseError } from "../../../problem/index.ts";
import { projectOfRecipe, readServed, recipePath, type ServedRecipes } from "./served-recipes.ts";

/** A recipe in the list. */
export interface ListedRecipe {
  readonly name: string;
  /** Path for commands, relative to the folder in which the server was started. */
  readonly path: string;
  /** Name of the project that records the recipe's runs; empty if the recipe cannot be read. */
  readonly projectName: string;
  /** Why the recipe cannot be read; `null` if it can. */
  readonly problem: string | null;
  /** Why the page cannot start the recipe; `null` if it can. */
  readonly obstacle: string | null;
  /** Current settings; `null` if the recipe cannot be read. */
  readonly settings: EditableSettings | null;
}

/** Settings that the page can change. */
export interface EditableSettings {
  readonly method: "full" | "lora" | "qlora";
  readonly model: string;
  readonly maxLength: number;
  readonly batchSize: number;
  /** Either epochs or steps is set. Both are `null` if the number of epochs follows from the rows. */
  readonly epochs: number | null;
  readonly steps: number | null;
}

/** Settings that override the recipe's. */
export type ChangedSettings = {
  readonly [Key in keyof EditableSettings]?: EditableSettings[Key] | undefined;
};

/** Models other than the recipe's own that can be planned, because their shapes are known without their files. */
export const offeredModels: readonly string[] = knownModels;

/**
 * Lists the recipes that the caller may start.
 *
 * @param mayStart whether the caller may start runs in a project; `null` means a project that does not exist yet
 */
export async function listRecipes(
  reader: Reader,
  served: ServedRecipes,
  mayStart: (project: number | null) => Promise<boolean>,
): Promise<ListedRecipe[]> {
  const listed: ListedRecipe[] = [];
  for (const name of served.paths.keys()) {
    if (!(await mayStart(await projectOfRecipe(reader, served, name)))) continue;
    listed.push(await listedRecipe(served, name));
  }
  return listed;
}

async function listedRecipe(served: ServedRecipes, name: string): Promise<ListedRecipe> {
  const path = commandPath(served, name);
  try {
    const loaded = await readServed(served, name);
    return {
      name,
      path,
      projectName: loaded.recipe.name,
      problem: null,
      obstacle: obstacleOf(served, loaded),
      settings: knobsOf(loaded),
    };
  } catch (error) {
    const reason = TunewiseError.is(error) ? reasonOf(error) : "It cannot be read.";
    return { name, path, projectName: "", problem: reason, obstacle: reason, settings: null };
  }
}

/** The error message, with the recipe's first problem if there is one. */
function reasonOf({ message, cause }: TunewiseError): string {
  const [first] = Array.isArray(cause) ? (cause as readonly Finding[]) : [];
  const place = first?.where[0];
  return first === undefined ? message : `${message} ${place ? `${placeText(place)}: ` : ""}${first.detail}`;
}

/** The recipe's path, quoted for a command. */
export function commandPath(served: ServedRecipes, name: string): string {
  const path = recipePath(served, name);
  const short = relative(served.runtime.cwd, path);
  return shellWord(short.startsWith("..") ? path : short);
}

/**
 * Why the page cannot start a recipe. Runs are recorded in the recipe's output folder, so the server cannot show them
 * if that is not its own.
 */
export function obstacleOf({ output }: ServedRecipes, { recipe, path }: LoadedRecipe): string | null {
  const own = resolve(dirname(path), recipe.output);
  if (output !== null && own === output) return null;
  return `Its runs are recorded in ${own}, and this server shows ${output ?? "a database"}.`;
}

function knobsOf({ recipe: { method, model, data, training }, open }: LoadedRecipe): EditableSettings {
  const isOpen = open.includes("epochs") || training.steps !== null;
  return {
    method: method.kind,
    model: model.source,
    maxLength: data.maxLength,
    batchSize: training.batchSize,
    epochs: isOpen ? null : training.epochs,
    steps: training.steps,
  };
}
