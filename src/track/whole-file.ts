/**
 * @file Files that are there as a whole or not at all, however the process ends.
 */
import { basename, dirname, join } from "node:path";
import { problem } from "../problem/index.ts";
import { disk, errorReason, type FileContent, type FileOperations } from "./file-operations.ts";

/**
 * Writes beside the place, syncs, renames, syncs the folder: a reader sees the old content or the new one.
 *
 * @param path in an existing folder
 * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; the old content is unchanged
 */
export async function writeWholeFile(
  path: string,
  content: FileContent,
  files: FileOperations = disk,
): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.writing-${basename(path)}`);
  try {
    await files.writeSynced(draft, content);
    await files.rename(draft, path);
    await files.syncFolder(folder);
  } catch (cause) {
    await files.remove(draft).catch(() => undefined);
    throw problem("RUN_FILE_WRITE_FAILED", { path, folder, reason: errorReason(cause) }, { cause });
  }
}
