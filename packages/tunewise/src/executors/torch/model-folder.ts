/** @file A model as a folder that transformers loads: its own, or a copy of a GGUF file's weights in the cache. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mergedModel, planExport } from "@tunewise/engine";
import { writeFileAtomically } from "@tunewise/engine/weights";
import type { Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/**
 * The folder. Weights of a GGUF file are written as float32, exactly as they are dequantized, once per model.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, `MODEL_FAMILY_UNKNOWN` for a GGUF file of another family
 */
export async function torchModelFolder({ model }: Prepared, runtime: Runtime): Promise<string> {
  if (model.folder !== undefined) return model.folder;
  const folder = join(runtime.sources.cacheFolder, "torch-models", model.revision);
  if (existsSync(join(folder, "config.json"))) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}.`); // of its own: parallel trials may come here at once
  const plan = planExport(mergedModel(model, null), { format: "merged", dtype: "f32", name: "model" });
  for (const { path, chunks } of plan.files) await writeFileAtomically(join(draft, path), chunks());
  await rename(draft, folder).catch(async (error: unknown) => {
    if (!existsSync(join(folder, "config.json"))) throw error;
    await rm(draft, { recursive: true, force: true }); // another one was first
  });
  return folder;
}
