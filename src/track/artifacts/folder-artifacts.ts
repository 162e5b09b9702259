/** @file Artifacts in a folder of this machine. */
import type { Stats } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { Readable } from "node:stream";
import { errorReason, renameSynced, writeAll } from "../../files/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { openRegularFile } from "../../untrusted/index.ts";
import type { ArtifactEntry, ArtifactStore } from "./artifact-store.ts";

/** Files that are being written; no key begins so. */
const draftPrefix = ".tunewise-draft-";

/**
 * A store in a folder, which is made when something is put into it. Links in it are never followed.
 *
 * @param newId names files that are being written: no two alike
 * @throws {TunewiseError} `ARTIFACT_STORE_FAILED`, from its methods
 */
export function folderArtifacts(root: string, newId: () => string): ArtifactStore {
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (TunewiseError.is(cause)) throw cause;
      throw problem("ARTIFACT_STORE_FAILED", { place: root, reason: errorReason(cause) }, { cause });
    }
  };
  return {
    place: root,
    put: (key, content) => guarded(() => put(root, key, content, newId())),
    open: (key, range) =>
      guarded(async () => {
        const path = await pathOf(root, key);
        const bytes = path === null ? null : await fileBytes(path);
        if (path === null || bytes === null) return null;
        const part = range ? { start: range.from, end: range.to - 1 } : {};
        const file = await openRegularFile(path, { followLinks: false });
        return { bytes, content: file.createReadStream(part) };
      }),
    size: (key) =>
      guarded(async () => {
        const path = await pathOf(root, key);
        return path === null ? null : fileBytes(path);
      }),
    list: (key) => guarded(() => list(root, key)),
    remove: (key) =>
      guarded(async () => {
        const path = await pathOf(root, key);
        if (path === null || (await lstatOrNull(path)) === null) return false;
        await rm(path, { recursive: true, force: true });
        return true;
      }),
  };
}

/** Writes beside the place and renames: a client that breaks off leaves what was there before. */
async function put(root: string, key: string, content: Readable, id: string): Promise<number> {
  const target = join(root, key);
  await mkdir(dirname(target), { recursive: true });
  const path = await pathOf(root, key);
  if (path === null) throw new Error("a part of the path is a link");
  const draft = join(dirname(path), draftPrefix + id);
  const handle = await open(draft, "wx");
  let bytes = 0;
  try {
    try {
      for await (const chunk of content) {
        const piece = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
        await writeAll(handle, piece);
        bytes += piece.byteLength;
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await renameSynced(draft, path);
    return bytes;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function list(root: string, key: string): Promise<ArtifactEntry[]> {
  const path = key === "" ? root : await pathOf(root, key);
  if (path === null || !(await lstatOrNull(path))?.isDirectory()) return [];
  const entries: ArtifactEntry[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name.startsWith(draftPrefix) || entry.isSymbolicLink()) continue;
    const bytes = entry.isDirectory() ? 0 : ((await fileBytes(join(path, entry.name))) ?? 0);
    entries.push({ name: entry.name, isFolder: entry.isDirectory(), bytes });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The real path of a key; `null` where one of its folders is a link that leads elsewhere. */
async function pathOf(root: string, key: string): Promise<string | null> {
  const path = join(root, key);
  const folder = await realpath(dirname(path)).catch(() => null);
  if (folder === null) return path;
  const real = await realpath(root);
  const expected = join(real, dirname(key));
  return folder === expected || `${folder}${sep}` === expected ? path : null;
}

async function fileBytes(path: string): Promise<number | null> {
  const found = await lstatOrNull(path);
  return found?.isFile() ? found.size : null;
}

async function lstatOrNull(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
}
