/** @file `tunewise demo`: the example that comes with the package. */

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { packageFile } from "../../catalog/index.ts";
import { findModel, type LoadedRecipe, loadRecipe, type OnDownload } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** The recipe the demo runs, and why it is not the usual one, where it is not. */
export interface DemoRecipe {
  readonly loaded: LoadedRecipe;
  /** `null`: the usual model was found. */
  readonly fallback: string | null;
}

/**
 * Support tickets with SmolLM2-135M-Instruct; where that model cannot be had, with the small model that comes along.
 *
 * @param output folder for runs, relative to where the user stands, not to the package
 */
export async function demoRecipe(
  runtime: Runtime,
  output: string,
  onDownload?: OnDownload,
): Promise<DemoRecipe> {
  const target = resolve(runtime.cwd, output);
  await mkdir(target, { recursive: true });
  const loaded = await loadRecipe(packageFile("examples/tickets/tunewise.yaml"), runtime, { output: target });
  const { source, revision } = loaded.recipe.model;
  try {
    await findModel(source, revision, loaded.folder, runtime, onDownload);
    return { loaded, fallback: null };
  } catch (error) {
    runtime.signal.throwIfAborted();
    if (!TunewiseError.is(error)) throw error;
    return {
      loaded: await loadRecipe(packageFile("examples/tickets/small.yaml"), runtime, { output: target }),
      fallback: error.message,
    };
  }
}
