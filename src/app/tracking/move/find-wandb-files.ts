/** @file Finds the `.wandb` files below a folder. */
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { problem } from "../../../problem/index.ts";

/** A file, and the folder of its run. */
export interface WandbFile {
  readonly path: string;
  readonly folder: string;
  /** Time of its last modification. */
  readonly changedMs: number;
}

/** Maximum depth of folders. */
const maxDepth = 32;
/** Maximum number of files. */
const maxFiles = 1_000_000;
/** Folders with many files and no runs. */
const skippedFolders: ReadonlySet<string> = new Set(["node_modules", ".git", "site-packages"]);

/**
 * Returns the file itself, or all below a folder in order of name. Links are not followed.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN` if there is none
 */
export async function findWandbFiles(word: string, cwd: string): Promise<WandbFile[]> {
  const unknown = (reason: string): Error =>
    problem("MOVE_SOURCE_UNKNOWN", {
      source: word,
      expected: "folder with .wandb files, or one such file",
      reason,
      example: "tunewise store import wandb wandb",
    });
  const path = resolve(cwd, word);
  const about = await stat(path).catch(() => null);
  if (about === null) throw unknown("there is no such file or folder");
  const files: WandbFile[] = [];
  if (about.isFile()) files.push({ path, folder: dirname(path), changedMs: about.mtimeMs });
  else await search(path, files, 0);
  if (files.length === 0) throw unknown("no file in it ends in .wandb");
  return files;
}

async function search(folder: string, files: WandbFile[], depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (files.length >= maxFiles) return;
    if (entry.isDirectory() && depth < maxDepth && !skippedFolders.has(entry.name))
      await search(path, files, depth + 1);
    if (!entry.isFile() || !entry.name.endsWith(".wandb")) continue;
    files.push({ path, folder, changedMs: (await stat(path)).mtimeMs });
  }
}
