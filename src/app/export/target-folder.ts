/** @file Writes the files of an export into a folder atomically. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PlannedFile } from "../../engine/index.ts";
import { writeFolderAtomically } from "../../files/index.ts";
import { writeFileAtomically, writeProblem } from "../../weights/index.ts";

/** Called with the number of bytes written so far. */
export type OnBytes = (done: number, total: number) => void;

/** Options of `writeFolder`. */
export interface WriteOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: OnBytes;
}

/** Returns the nearest existing folder at or above a path, which is on the target disk. */
export async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() || dirname(path) === path) return path;
  return nearestFolder(dirname(path));
}

/**
 * Writes the files into a hidden folder beside the target, then moves them into place.
 *
 * A missing or empty target is replaced by one rename. With files in the target (`--force`), each file is moved once
 * all are complete. A failure or interruption before that leaves the target unchanged.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, and those of producing the files
 */
export async function writeFolder(
  folder: string,
  files: readonly PlannedFile[],
  { signal, onBytes }: WriteOptions,
): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = async function* (file: PlannedFile): AsyncGenerator<Uint8Array> {
    let own = 0;
    for await (const chunk of file.chunks()) {
      signal.throwIfAborted();
      own += chunk.length;
      done += chunk.length;
      yield chunk;
      onBytes?.(done, total);
    }
    if (own !== file.bytes) throw new Error(`Internal: ${file.path} has ${own} bytes, not ${file.bytes}`);
  };
  try {
    await writeFolderAtomically(folder, { present: "merge" }, async (draft) => {
      for (const file of files) await writeFileAtomically(join(draft, file.path), counted(file));
    });
  } catch (error) {
    throw writeProblem(folder, error);
  }
}
