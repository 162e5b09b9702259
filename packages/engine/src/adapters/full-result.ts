/**
 * @file The result of a full fine-tune: the trained weights, under the names of the model's own file.
 *
 * Stored as float32, as trained. Together with the frozen weights they form a complete model, which an export writes.
 */
import { join } from "node:path";
import type { FullHandle, FullSettings } from "../engine.ts";
import { problem } from "../problem/index.ts";
import {
  type AdapterTensor,
  openSafetensors,
  parseJsonObject,
  type WeightFiles,
  type WritableEntry,
  writeTensorFile,
} from "../weights/index.ts";

const fileName = "tuned.safetensors";
const settingsKey = "tunewise";

/**
 * Writes the trained weights to a folder.
 *
 * @param stored converts a trained weight to the form of the model's file
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
 */
export async function writeFullResult(
  folder: string,
  adapter: FullHandle,
  stored: (tensor: AdapterTensor) => AdapterTensor,
): Promise<void> {
  const tensors = adapter.tensors();
  const empty = new Float32Array(0);
  const entries = tensors.map(({ name, shape }): WritableEntry => {
    return { name, shape: stored({ name, shape, data: empty }).shape, type: "F32" };
  });
  function* chunks(): Generator<Uint8Array> {
    for (const tensor of tensors) {
      const { data: values } = stored(tensor);
      yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    }
  }
  const metadata = { format: "pt", [settingsKey]: JSON.stringify(adapter.settings) };
  await writeTensorFile(join(folder, fileName), entries, chunks(), metadata);
}

/**
 * Opens the trained weights of a folder. The caller closes `files`.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`
 */
export async function readFullResult(
  folder: string,
): Promise<{ readonly settings: FullSettings; readonly files: WeightFiles }> {
  const path = join(folder, fileName);
  const files = await openSafetensors(path);
  const text = files.metadata.get(settingsKey) ?? "";
  try {
    const { frozen, baseModel, revision } = parseJsonObject(new TextEncoder().encode(text), path);
    const isList = Array.isArray(frozen) && frozen.every((pattern) => typeof pattern === "string");
    if (isList && typeof baseModel === "string" && typeof revision === "string") {
      return { settings: { frozen, baseModel, revision }, files };
    }
    throw problem("MODEL_FILE_DAMAGED", { file: path, detail: "it does not state what was trained" });
  } catch (error) {
    await files.close();
    throw error;
  }
}
