/**
 * @file Findings about the data of a served recipe from `tunewise check`, cached until the recipe or its data change.
 */
import { dirname } from "node:path";
import { commandPath } from "./list-recipes.ts";
import { busy } from "./plan-recipe.ts";
import { readCommand } from "./program.ts";
import { keep, readServed, recipePath, type ServedRecipes, stampOf } from "./served-recipes.ts";
import { type ShownCheck, shownCheck } from "./shown-check.ts";

const maxChecks = 20;
const freshMs = 60 * 60_000;
const checkSeconds = 300;
const checkBytes = 16 * 1024 ** 2;

/**
 * Returns the findings about a recipe's data.
 *
 * @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN`, `RECIPE_COMMAND_FAILED`, and those of a recipe that cannot be read
 */
export async function checkServed(
  served: ServedRecipes,
  name: string,
  signal: AbortSignal,
): Promise<ShownCheck> {
  const path = recipePath(served, name);
  const key = JSON.stringify([name, await stampOf(await readServed(served, name))]);
  const nowMs = served.runtime.now().getTime();
  const known = served.checks.get(key);
  if (known && nowMs - known.madeMs < freshMs) return known;
  const document = await served.gate(() =>
    readCommand(
      served.start,
      ["check", path, "--rows", "--max-rows", "12"],
      { cwd: dirname(path), isOffline: false },
      { seconds: checkSeconds, outputBytes: checkBytes, signal },
    ),
  );
  if (document === null) throw busy("check");
  const check = shownCheck(document, nowMs, `tunewise check ${commandPath(served, name)}`);
  keep(served.checks, key, check, maxChecks);
  return check;
}
