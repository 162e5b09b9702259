/** @file Writes a folder atomically: it has all its files or does not exist. */
import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renameSynced } from "./atomic-file.ts";

/** What happens to files that already exist at the destination. */
export interface FolderOptions {
  /**
   * `keep`: fail unless the destination is absent or an empty folder · `replace`: delete them · `merge`: keep them,
   * except files of the same name.
   */
  readonly present: "keep" | "replace" | "merge";
}

/** Whether something other than an empty folder exists at a path. */
export async function isTaken(path: string): Promise<boolean> {
  const entries = await readdir(path).catch(() => null);
  if (entries !== null) return entries.length > 0;
  // a file, or nothing, or a path below a file
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Creates a folder whose content `write` puts into a draft next to it. Parent folders are created if needed.
 *
 * If `write` fails or is interrupted, the destination is unchanged. `replace` restores the old folder if moving the new
 * one fails. `merge` moves the files one by one after all of them are complete.
 *
 * @throws the system's error, also if `keep` finds existing files, and whatever `write` throws
 */
export async function writeFolderAtomically<Result>(
  path: string,
  { present }: FolderOptions,
  write: (draft: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const draft = await mkdtemp(join(dirname(path), `.writing-${basename(path)}-`));
  try {
    const result = await write(draft);
    if (present === "merge" && (await isTaken(path))) await merge(draft, path);
    else if (present === "replace" && (await isTaken(path))) await replace(draft, path);
    else {
      await rmdir(path).catch(() => undefined);
      await renameSynced(draft, path);
    }
    return result;
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function replace(draft: string, path: string): Promise<void> {
  const old = `${draft}-old`;
  await rename(path, old);
  try {
    await renameSynced(draft, path);
  } catch (error) {
    if (!(await isThere(path))) await rename(old, path).catch(() => undefined);
    throw error;
  }
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

async function merge(draft: string, path: string): Promise<void> {
  const entries = await readdir(draft, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(path, from.slice(draft.length));
    await mkdir(dirname(to), { recursive: true });
    await renameSynced(from, to);
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
