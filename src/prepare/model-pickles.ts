/**
 * @file Pickles in a model's folder, looked at before anybody reads them.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Observation, scanPickle, tellPickles } from "../inspect/index.ts";
import { FileTooLarge, NotRegularFile, readRegularFile } from "../untrusted/index.ts";

/** Names that hold pickles, as they are or packed. */
const names = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)$/i;

/** Larger files are weights; tunewise does not read them either. */
const bytesMost = 256 * 2 ** 20;

/** Files of one folder that are looked at. */
const filesMost = 100;

/**
 * Observations of a local model's folder: `MODEL_PICKLE`, `MODEL_PICKLE_UNSAFE`. A model that is a file, or of the hub,
 * is read from safetensors alone and has none.
 */
export async function inspectModelFolder(folder: string): Promise<Observation[]> {
  const isFolder = (await stat(folder).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder) return [];
  const found = (await readdir(folder)).filter((name) => names.test(name)).sort();
  const reports = [];
  for (const name of found.slice(0, filesMost)) {
    const path = join(folder, name);
    const bytes = await readRegularFile(path, bytesMost).catch(unscanned);
    if (bytes === null) continue;
    const report = scanPickle(bytes, name);
    if (report.pickles > 0) reports.push(report);
  }
  return tellPickles(reports);
}

/** What is no file, or too large for one of pickles, is passed over. */
function unscanned(error: unknown): null {
  if (error instanceof NotRegularFile || error instanceof FileTooLarge) return null;
  throw error;
}
