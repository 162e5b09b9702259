/** @file Restores trained values from a checkpoint. */
import { problem } from "../problem/index.ts";
import { type AdapterTensor, openSafetensors, type WeightFiles } from "../weights/index.ts";

/** Prefix of the names of trained values in a checkpoint. */
export const trainedPrefix = "adapter/";

/** Copies a checkpoint's values into the arrays of `tensors`. */
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
  checkValues(files, name, into.length);
  into.set(await files.read(name));
}

/**
 * Checks that a file holds a tensor of this name with `wanted` values.
 *
 * @throws {TunewiseError} `MODEL_WEIGHT_MISMATCH`
 */
export function checkValues(files: WeightFiles, name: string, wanted: number): void {
  const found = files.weights.get(name);
  const count = found?.shape.reduce((product, axis) => product * axis, 1);
  if (count === wanted) return;
  const about = { name, found: found ? `${count} values` : "no such tensor" };
  throw problem("MODEL_WEIGHT_MISMATCH", { ...about, expected: `${wanted} values` });
}
