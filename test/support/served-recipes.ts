/** @file For tests: a server of recipes that starts its commands as separate processes of this command line. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ServedRecipes, serveRecipes } from "../../packages/tunewise/src/app/dashboard/index.ts";
import { ownProgram } from "../../packages/tunewise/src/cli/handlers/own-program.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { loader } from "./program.ts";
import { serveTeam, type Team } from "./team-server.ts";

/** The command line from its sources, for tests without a build. */
const fromSources = [process.execPath, "--import", loader, resolve("packages/tunewise/src/cli/main.ts")];

/**
 * Serves the recipe of a folder.
 *
 * @param output folder whose runs are shown
 */
export function servedIn(
  folder: string,
  output: string,
  command: readonly string[] = fromSources,
): ServedRecipes {
  const environment = { ...process.env, NO_COLOR: "1", HF_TOKEN: "", HF_HUB_OFFLINE: "1" };
  return serveRecipes({
    output,
    start: ownProgram(command, environment),
    paths: [join(folder, "tunewise.yaml")],
    runtime: createRuntime(folder, new AbortController().signal, "0.0.0"),
  });
}

/** A server with users on the store of a folder's recipe, until the test ends. */
export function serveRecipeTeam(
  folder: string,
  { page, command }: { readonly page?: string; readonly command?: readonly string[] } = {},
): Promise<Team> {
  const output = join(folder, ".tunewise");
  mkdirSync(output, { recursive: true });
  return serveTeam({
    store: join(output, "tunewise.db"),
    output,
    recipes: servedIn(folder, output, command),
    ...(page === undefined ? {} : { page }),
  });
}
