/** @file For tests: a server that serves recipes, whose commands are this command line as processes of their own. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ServedRecipes, type StartProgram, serveRecipes } from "../../src/app/dashboard/index.ts";
import { ownProgram } from "../../src/cli/handlers/own-program.ts";
import { createRuntime } from "../../src/runtime/index.ts";
import { loader } from "./program.ts";
import { serveTeam, type Team } from "./team-server.ts";

/** Starts the command line from its sources, so that no build is needed. */
const fromSources: StartProgram = ownProgram(
  [process.execPath, "--import", loader, resolve("src/cli/main.ts")],
  {
    ...process.env,
    ...{ NO_COLOR: "1", HF_TOKEN: "", HF_HUB_OFFLINE: "1" },
  },
);

/** Serves recipes of a folder. @param output folder whose runs are shown */
export function servedIn(folder: string, output: string, ...files: readonly string[]): ServedRecipes {
  return serveRecipes({
    ...{ output, start: fromSources, runtime: createRuntime(folder, new AbortController().signal, "0.0.0") },
    paths: files.map((file) => join(folder, file)),
  });
}

/** A server with users over the store of a folder's recipe, until the test ends. */
export function serveRecipeTeam(folder: string, page?: string): Promise<Team> {
  const output = join(folder, ".tunewise");
  mkdirSync(output, { recursive: true });
  return serveTeam({
    ...{ store: join(output, "tunewise.db"), output, recipes: servedIn(folder, output, "tunewise.yaml") },
    ...(page === undefined ? {} : { page }),
  });
}
