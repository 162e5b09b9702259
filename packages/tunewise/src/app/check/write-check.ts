/** @file Writes a check's report atomically and never over the checked files. */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { writeFileAtomically } from "@tunewise/engine/weights";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { filesOf } from "./file-stamps.ts";

/**
 * Throws the error that `writeCheck` would throw, before the check runs.
 *
 * @param output relative to the working directory
 * @throws {TunewiseError} `CHECK_OUTPUT_IS_INPUT`
 */
export async function requireSeparateOutput(
  { recipe, folder, path }: LoadedRecipe,
  runtime: Runtime,
  output: string,
): Promise<void> {
  const target = await resolveLinks(resolve(runtime.cwd, output));
  const inputs = [
    path,
    ...(await filesOf(recipe.data, folder)).map((file) => file.path),
    ...recipe.checks.benchmarks.map((file) => resolve(folder, file)),
  ];
  for (const input of inputs) {
    if ((await resolveLinks(input)) === target) throw problem("CHECK_OUTPUT_IS_INPUT", { file: output });
  }
}

/**
 * Writes the report. A failure leaves an existing report unchanged.
 *
 * @throws {TunewiseError} `CHECK_OUTPUT_IS_INPUT`, `MODEL_FILE_WRITE_FAILED`
 */
export async function writeCheck(
  loaded: LoadedRecipe,
  runtime: Runtime,
  output: string,
  text: string,
): Promise<void> {
  await requireSeparateOutput(loaded, runtime, output);
  await writeFileAtomically(resolve(runtime.cwd, output), [Buffer.from(text)]);
}

/** Resolves links if the file exists. */
async function resolveLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
