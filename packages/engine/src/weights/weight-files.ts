/** @file Behavior that all weight files share: lookup by name, fingerprint, closing. */
import { createHash } from "node:crypto";
import { nearest, problem } from "../problem/index.ts";
import type { StoredWeight, TakeBytes, WeightFiles, WeightInfo } from "./model-files.ts";
import type { PositionedFile } from "./positioned-file.ts";

/**
 * Weights over open files.
 *
 * @param files closed together; all of their content enters the fingerprint, in this order
 * @param read returns a declared weight as float32
 * @param readStored returns it in its file's format; `null` if the format cannot be used directly
 */
export function weightFiles(
  weights: ReadonlyMap<string, WeightInfo>,
  files: readonly PositionedFile[],
  read: (info: WeightInfo) => Promise<Float32Array<ArrayBuffer>>,
  readStored: (info: WeightInfo, take: TakeBytes) => Promise<StoredWeight | null> = async () => null,
  metadata: ReadonlyMap<string, string> = new Map(),
): WeightFiles {
  let fingerprint: Promise<string> | null = null;
  const infoOf = (name: string): WeightInfo => {
    const info = weights.get(name);
    if (info === undefined) throw missing(name, weights);
    return info;
  };
  return {
    metadata,
    weights,
    read: async (name) => read(infoOf(name)),
    readStored: async (name, take = (bytes) => new Uint8Array(bytes)) => readStored(infoOf(name), take),
    fingerprint: () => {
      fingerprint ??= computeFingerprint(weights, files);
      return fingerprint;
    },
    close: async () => {
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

/**
 * The first weight with NaN or infinite values, and the number of such values; `null` if there is none.
 * Reads all weights, one at a time.
 */
export async function findNotFinite(
  files: WeightFiles,
): Promise<{ readonly name: string; readonly found: number; readonly of: number } | null> {
  for (const name of files.weights.keys()) {
    const values = await files.read(name);
    let found = 0;
    for (const value of values) if (!Number.isFinite(value)) found++;
    if (found > 0) return { name, found, of: values.length };
  }
  return null;
}

async function computeFingerprint(
  weights: ReadonlyMap<string, WeightInfo>,
  files: readonly PositionedFile[],
): Promise<string> {
  const hash = createHash("sha256");
  for (const name of [...weights.keys()].sort()) {
    const info = weights.get(name);
    hash.update(`${JSON.stringify([name, info?.stored, info?.shape])}\n`);
  }
  for (const file of files) {
    hash.update(`${file.size}\n`);
    await file.hashInto(hash);
  }
  return hash.digest("hex");
}

function missing(name: string, weights: ReadonlyMap<string, WeightInfo>): Error {
  const like = nearest(name, [...weights.keys()].slice(0, 4000));
  return problem("MODEL_WEIGHT_MISSING", {
    name,
    nearest: like === undefined ? "" : `; the closest name is ${like}`,
  });
}
