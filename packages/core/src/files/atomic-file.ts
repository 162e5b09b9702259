/** @file A file that is there as a whole or not at all, however the process ends. */
import { basename, dirname, join } from "node:path";
import { disk, errorCode, type FileContent, type FileOperations } from "./file-operations.ts";

/** Drafts of one file at the same time, those of killed writers included. */
const maxDrafts = 10_000;

/** Begins the name of every draft. */
export const draftPrefix = ".writing-";

/**
 * Writes a draft beside the place, syncs it, renames it and syncs the folder: a reader sees the old content or the new.
 *
 * Every writer has a draft of its own, so several processes may replace one file at the same time; the last one wins.
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
  // The name of the draft is free again: another writer may have it.
  await files.syncFolder(dirname(path));
}

/** Writes `.writing-NAME-1`, or the first number that no other writer has taken. */
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
 * Removes the drafts of one file that killed writers left. Call it only while nobody writes that file.
 *
 * A draft that cannot be removed stays: it obstructs nobody.
 */
export async function removeDraftsOf(path: string, files: FileOperations = disk): Promise<void> {
  const start = `${draftPrefix}${basename(path)}-`;
  for (const name of await files.list(dirname(path)).catch((): string[] => [])) {
    if (name.startsWith(start)) await files.remove(join(dirname(path), name)).catch(() => undefined);
  }
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
