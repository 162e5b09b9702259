/**
 * @file Files of an export written into a folder: all of them, or none.
 */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PlannedFile } from "../../engine/index.ts";
import { writeFolderAtomically } from "../../files/index.ts";
import { writeFileAtomically, writeProblem } from "../../weights/index.ts";

/** Told of bytes written so far. */
export type OnBytes = (done: number, total: number) => void;

/** How to write. */
export interface WriteOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: OnBytes;
}

/** The nearest folder at or above a path that is there: its disk is the one that will be written to. */
export async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() || dirname(path) === path) return path;
  return nearestFolder(dirname(path));
}

/**
 * Writes the files into a hidden folder beside the target, then moves them into place.
 *
 * A folder that is missing or empty appears whole, by one rename. Into one with files in it (`--force`) each file is
 * moved by itself once all are whole. What fails or is interrupted leaves the target as it was.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, and what the files throw while they are made
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
