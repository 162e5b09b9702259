/** @file Scans pickle files in a model's folder before anything loads them. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FileTooLarge, NotRegularFile, readRegularFile } from "@tunewise/core/untrusted";
import { type Observation, scanPickle, tellPickles } from "@tunewise/datacheck";

/** File names that may contain pickles, uncompressed or compressed. */
const pickleNames = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)$/i;

/** Size limit of scanned files; larger ones are weights, which tunewise does not read from pickles. */
const maxBytes = 256 * 2 ** 20;

/** Maximum scanned files per folder. */
const maxFiles = 100;

/**
 * Returns observations of a local model's folder: `MODEL_PICKLE`, `MODEL_PICKLE_UNSAFE`. A model from a file or the hub
 * is only read from safetensors and has none.
 */
export async function inspectModelFolder(folder: string): Promise<Observation[]> {
  const isFolder = (await stat(folder).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder) return [];
  const found = (await readdir(folder)).filter((name) => pickleNames.test(name)).sort();
  const reports = [];
  for (const name of found.slice(0, maxFiles)) {
    const path = join(folder, name);
    const bytes = await readRegularFile(path, maxBytes).catch(skipUnreadable);
    if (bytes === null) continue;
    const report = scanPickle(bytes, name);
    if (report.pickles > 0) reports.push(report);
  }
  return tellPickles(reports);
}

/** Skips files that are not regular or too large. */
function skipUnreadable(error: unknown): null {
  if (error instanceof NotRegularFile || error instanceof FileTooLarge) return null;
  throw error;
}
