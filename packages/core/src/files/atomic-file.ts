/** @file Writes a file atomically: it is complete or absent, however the process ends. */
import { basename, dirname, join } from "node:path";
import { disk, errorCode, type FileContent, type FileOperations } from "./file-operations.ts";

/** Max. number of drafts of one file at a time, including those of killed writers. */
const maxDrafts = 10_000;

/** Prefix of every draft's name. */
export const draftPrefix = ".writing-";

/**
 * Writes a draft next to the file, syncs it, renames it and syncs the folder. Readers see the old or the new content.
 *
 * Every writer has its own draft, so several processes may replace a file at the same time; the last one wins.
 *
 * @param path in an existing folder
 * @throws the system's error, and what the content throws; the old content is then unchanged
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  files: FileOperations = disk,
): Promise<void> {
  const draft = await writeDraft(path, content, files);
  try {
    await files.rename(draft, path);
  } catch (error) {
    await files.remove(draft).catch(() => undefined);
    throw error;
  }
  // No cleanup from here on: after the rename, another writer may use the draft's name.
  await files.syncFolder(dirname(path));
}

/** Writes `.writing-NAME-1`, or the first number that is not taken by another writer. */
async function writeDraft(path: string, content: FileContent, files: FileOperations): Promise<string> {
  for (let number = 1; ; number++) {
    const draft = join(dirname(path), `${draftPrefix}${basename(path)}-${number}`);
    try {
      await files.createSynced(draft, content);
      return draft;
    } catch (error) {
      if (errorCode(error) !== "EEXIST" || number >= maxDrafts) throw error;
    }
  }
}

/**
 * Removes the drafts of one file that killed writers left. Call it only while no process writes that file.
 *
 * A draft that cannot be removed stays: it does not block other writers.
 */
export async function removeDraftsOf(path: string, files: FileOperations = disk): Promise<void> {
  const start = `${draftPrefix}${basename(path)}-`;
  for (const name of await files.list(dirname(path)).catch((): string[] => [])) {
    if (name.startsWith(start)) await files.remove(join(dirname(path), name)).catch(() => undefined);
  }
}

/**
 * Renames a written and synced file so that the new name survives a power cut.
 *
 * @throws the system's error
 */
export async function renameSynced(from: string, to: string, files: FileOperations = disk): Promise<void> {
  await files.rename(from, to);
  await files.syncFolder(dirname(to));
}
