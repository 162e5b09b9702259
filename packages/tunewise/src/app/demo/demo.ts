/** @file `tunewise demo`: the example that comes with the package. */

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { packageFile } from "../../catalog/index.ts";
import { findModel, type LoadedRecipe, loadRecipe, type OnDownload } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** The recipe that the demo runs, and why it uses the fallback model, if it does. */
export interface DemoRecipe {
  readonly loaded: LoadedRecipe;
  /** `null` if the usual model was found. */
  readonly fallback: string | null;
}

/**
 * Loads the support-ticket recipe with SmolLM2-135M-Instruct. If that model is unavailable, uses the small model in
 * this package instead.
 *
 * @param output folder for runs, relative to the working directory, not to the package
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
