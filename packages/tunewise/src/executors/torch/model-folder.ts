/** @file A model as a folder that transformers loads: the original, or a cached copy of a GGUF file's weights. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mergedModel, planExport } from "@tunewise/engine";
import { writeFileAtomically } from "@tunewise/engine/weights";
import type { Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/**
 * Returns the folder. Weights of a GGUF file are dequantized and written as float32, once per model.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, `MODEL_FAMILY_UNKNOWN` for a GGUF file of another family
 */
export async function torchModelFolder({ model }: Prepared, runtime: Runtime): Promise<string> {
  if (model.folder !== undefined) return model.folder;
  const folder = join(runtime.sources.cacheFolder, "torch-models", model.revision);
  if (existsSync(join(folder, "config.json"))) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}.`); // a unique folder, since parallel trials may write at the same time
  const plan = planExport(mergedModel(model, null), { format: "merged", dtype: "f32", name: "model" });
  for (const { path, chunks } of plan.files) await writeFileAtomically(join(draft, path), chunks());
  await rename(draft, folder).catch(async (error: unknown) => {
    if (!existsSync(join(folder, "config.json"))) throw error;
    await rm(draft, { recursive: true, force: true }); // another process was faster
  });
  return folder;
}
