/** @file A file that is there as a whole or not at all, however the process ends. */
import { basename, dirname, join } from "node:path";
import { disk, type FileContent, type FileOperations } from "./file-operations.ts";

/** How a file is replaced. */
export interface AtomicOptions {
  readonly files?: FileOperations;
  /** Whether other processes may write the same file at the same time; each then has a draft of its own. */
  readonly isShared?: boolean;
}

/**
 * Writes a draft beside the place, syncs it, renames it and syncs the folder: a reader sees the old content or the new.
 *
 * @param path in an existing folder
 * @throws the system's error, and what the content throws; the old content is then unchanged
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  { files = disk, isShared = false }: AtomicOptions = {},
): Promise<void> {
  const start = join(dirname(path), `.writing-${basename(path)}`);
  const own = isShared ? await files.makeOwnFolder(`${start}-`) : null;
  const draft = own === null ? start : join(own, basename(path));
  try {
    await files.writeSynced(draft, content);
    await renameSynced(draft, path, files);
  } catch (error) {
    await files.remove(own ?? draft).catch(() => undefined);
    throw error;
  }
  if (own !== null) await files.remove(own).catch(() => undefined); // the file is there: an empty folder is no failure
}

/**
 * Gives what is written and synced its name, so that the name survives a power cut.
 *
 * @throws the system's error
 */
export async function renameSynced(from: string, to: string, files: FileOperations = disk): Promise<void> {
  await files.rename(from, to);
  await files.syncFolder(dirname(to));
}
