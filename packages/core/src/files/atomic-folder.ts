/** @file A folder that is there with all its files or not at all. */
import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renameSynced } from "./atomic-file.ts";

/** What becomes of files that lie where the folder is to be. */
export interface FolderOptions {
  /**
   * `keep`: nothing but an empty folder may be there · `replace`: what is there goes · `merge`: it stays, but for files
   * of the same name.
   */
  readonly present: "keep" | "replace" | "merge";
}

/** Whether something lies at a path, other than an empty folder. */
export async function isTaken(path: string): Promise<boolean> {
  const entries = await readdir(path).catch(() => null);
  if (entries !== null) return entries.length > 0;
  // a file, or nothing, or nothing below a file
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a folder whose content `write` puts into a draft beside it; folders above it are made where needed.
 *
 * What fails or is interrupted leaves the place as it was. A merge moves file after file once all are whole.
 *
 * @throws the system's error, also where files lie that are kept, and what `write` throws
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
