/**
 * @file Trained values as a checkpoint holds them.
 */
import { problem } from "../../problem/index.ts";
import { openSafetensors } from "../files/safetensors.ts";
import type { AdapterTensor, WeightFiles } from "../files/types.ts";

/** Names of trained values in a checkpoint begin with it. */
export const trainedPrefix = "adapter/";

/** Takes a checkpoint's values into the arrays of `tensors`. */
export async function restoreTrained(path: string, tensors: readonly AdapterTensor[]): Promise<void> {
  const files = await openSafetensors(path);
  try {
    for (const { name, data } of tensors) await readInto(files, trainedPrefix + name, data);
  } finally {
    await files.close();
  }
}

/**
 * Reads one tensor of known length.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH`
 */
export async function readInto(files: WeightFiles, name: string, into: Float32Array): Promise<void> {
  const found = files.weights.get(name);
  const count = found?.shape.reduce((product, axis) => product * axis, 1);
  if (count !== into.length) {
    const about = { name, found: found ? `${count} values` : "no such tensor" };
    throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `${into.length} values` });
  }
  into.set(await files.read(name));
}
