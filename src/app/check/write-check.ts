/**
 * @file Writes what a check found into a file, whole or not at all, and never over what was checked.
 */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Host } from "../../runtime/index.ts";
import { writeFileAtomically } from "../../weights/index.ts";
import { dataFiles } from "./file-stamps.ts";

/**
 * Refuses at once what `writeCheck` would refuse, so that nobody waits for a check whose page has no place.
 *
 * @param output relative to where the user stands
 * @throws {TunewiseError} `CHECK_OUTPUT_IS_INPUT`
 */
export async function refuseInput(
  { recipe, folder, path }: LoadedRecipe,
  host: Host,
  output: string,
): Promise<void> {
  const target = await real(resolve(host.cwd, output));
  const inputs = [
    path,
    ...[...dataFiles(recipe.data), ...recipe.checks.benchmarks].map((file) => resolve(folder, file)),
  ];
  for (const input of inputs) {
    if ((await real(input)) === target) throw problem("CHECK_OUTPUT_IS_INPUT", { file: output });
  }
}

/**
 * Writes the text; an earlier page stays where that fails.
 *
 * @throws {TunewiseError} `CHECK_OUTPUT_IS_INPUT`, `MODEL_FILE_WRITE_FAILED`
 */
export async function writeCheck(
  loaded: LoadedRecipe,
  host: Host,
  output: string,
  text: string,
): Promise<void> {
  await refuseInput(loaded, host, output);
  await writeFileAtomically(resolve(host.cwd, output), [Buffer.from(text)]);
}

/** Without links, as far as the file is there. */
async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
