/** @file Artifacts in a local folder. */
import { mkdir, open, readdir, realpath, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Readable } from "node:stream";
import { errorCode, errorReason, renameSynced, writeAll } from "@tunewise/core/files";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem, TunewiseError } from "../problem/index.ts";
import type { ArtifactEntry, ArtifactStore } from "./artifact-store.ts";
import { type FolderPlace, findPlace, foldsCaseAt, lstatOrNull } from "./folder-place.ts";
import { clientName, draftPrefix, isContinued } from "./stored-name.ts";

/** The root folder of a store. */
interface Root {
  readonly path: string;
  /** Whether the file system is case-insensitive. */
  readonly foldsCase: () => Promise<boolean>;
}

/** Options of a folder store. */
export interface FolderOptions {
  /** Whether the file system is case-insensitive; by default this is detected. */
  readonly foldsCase?: boolean;
}

/**
 * An artifact store in a folder, which is created on the first write. Symbolic links in it are never followed.
 *
 * @param newId returns a unique id for each draft file
 * @throws {TunewiseError} `ARTIFACT_STORE_FAILED`, `ARTIFACT_STORE_FULL`, `ARTIFACT_PATH_TAKEN` and
 *   `ARTIFACT_PATH_TOO_LONG`, from its methods
 */
export function folderArtifacts(
  folder: string,
  newId: () => string,
  { foldsCase }: FolderOptions = {},
): ArtifactStore {
  const root: Root = { path: folder, foldsCase: caseOf(folder, foldsCase) };
  const guarded = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (cause) {
      if (TunewiseError.is(cause)) throw cause;
      const reason = errorReason(cause);
      if (errorCode(cause) === "ENAMETOOLONG") {
        throw problem("ARTIFACT_PATH_TOO_LONG", { path: shortened(key), reason }, { cause });
      }
      if (["ENOSPC", "EDQUOT"].includes(errorCode(cause))) {
        const about = { place: folder, path: shortened(key), reason };
        throw problem("ARTIFACT_STORE_FULL", about, { cause });
      }
      throw problem("ARTIFACT_STORE_FAILED", { place: folder, reason }, { cause });
    }
  };
  return {
    place: folder,
    put: (key, content) => guarded(key, () => put(root, key, content, newId())),
    open: (key, range) =>
      guarded(key, async () => {
        const found = await fileAt(root, key);
        if (found === null) return null;
        const part = range ? { start: range.from, end: range.to - 1 } : {};
        const file = await openRegularFile(found.path, { followLinks: false });
        return { bytes: found.bytes, content: file.createReadStream(part) };
      }),
    size: (key) => guarded(key, async () => (await fileAt(root, key))?.bytes ?? null),
    list: (key) => guarded(key, () => list(root, key)),
    remove: (key) => guarded(key, () => remove(root, key)),
  };
}

/** Caches the result once the folder exists; before that there are no names that could collide. */
function caseOf(folder: string, given: boolean | undefined): () => Promise<boolean> {
  let known = given;
  return async () => {
    if (known !== undefined) return known;
    const found = await foldsCaseAt(folder);
    if ((await lstatOrNull(folder)) !== null) known = found;
    return found;
  };
}

/** Shortens a path for display. */
function shortened(key: string): string {
  return key.length > 120 ? `${key.slice(0, 120)}...` : key;
}

async function placeOf(root: Root, key: string): Promise<FolderPlace> {
  return findPlace(root.path, key, await root.foldsCase());
}

/** Writes a draft next to the target and renames it, so that an aborted upload keeps the previous file. */
async function put(root: Root, key: string, content: Readable, id: string): Promise<number> {
  await mkdir(root.path, { recursive: true });
  const path = await freePlace(root, key);
  await mkdir(dirname(path), { recursive: true });
  await requireInside(root, path);
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
    // Meanwhile another client may have created a file whose name differs only in case.
    const last = (await root.foldsCase()) ? await freePlace(root, key) : path;
    await renameSynced(draft, last).catch((cause: unknown) => {
      if (!["EISDIR", "ENOTEMPTY", "EEXIST"].includes(errorCode(cause))) throw cause;
      throw taken(key, "a folder of this name is there", cause);
    });
    return bytes;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The path to write a file to. @throws {TunewiseError} `ARTIFACT_PATH_TAKEN` */
async function freePlace(root: Root, key: string): Promise<string> {
  const { path, about, blocker } = await placeOf(root, key);
  if (about?.isSymbolicLink() || blocker?.isSymbolicLink()) throw new Error("a part of the path is a link");
  if (blocker) throw taken(key, "a file has the name of one of its folders");
  if (about && !about.isFile()) throw taken(key, "a folder of this name is there");
  return path;
}

function taken(key: string, reason: string, cause?: unknown): TunewiseError {
  return problem("ARTIFACT_PATH_TAKEN", { path: shortened(key), reason }, { cause });
}

async function list(root: Root, key: string): Promise<ArtifactEntry[]> {
  const { path, about } = await placeOf(root, key);
  if (!about?.isDirectory() || !(await isInside(root, path))) return [];
  const entries: ArtifactEntry[] = [];
  await gather(path, [], entries);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Collects the entries of a folder. Folders that hold the rest of a long name are entered, and their names joined. */
async function gather(folder: string, pieces: readonly string[], entries: ArtifactEntry[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(draftPrefix) || entry.isSymbolicLink()) continue;
    const [path, all] = [join(folder, entry.name), [...pieces, entry.name]];
    if (entry.isDirectory() && isContinued(entry.name)) {
      await gather(path, all, entries);
      continue;
    }
    const about = entry.isDirectory() ? null : await lstatOrNull(path);
    const bytes = about?.isFile() ? about.size : 0;
    entries.push({ name: clientName(all), isFolder: entry.isDirectory(), bytes });
  }
}

async function remove(root: Root, key: string): Promise<boolean> {
  const { path, about } = await placeOf(root, key);
  if (about === null || !(await isInside(root, path))) return false;
  await rm(path, { recursive: true, force: true });
  // Removes the now empty folders that held the parts of a long name.
  for (let folder = dirname(path); isContinued(folder); folder = dirname(folder)) {
    const isGone = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!isGone) break;
  }
  return true;
}

async function fileAt(root: Root, key: string): Promise<{ path: string; bytes: number } | null> {
  const { path, about } = await placeOf(root, key);
  return about?.isFile() && (await isInside(root, path)) ? { path, bytes: about.size } : null;
}

/** Whether the folder of a path is inside the root, without a symbolic link on the way. */
async function isInside(root: Root, path: string): Promise<boolean> {
  if (path === root.path) return true;
  const [folder, real] = await Promise.all([realpath(dirname(path)), realpath(root.path)]);
  const expected = join(real, relative(root.path, dirname(path)));
  return folder === expected || `${folder}${sep}` === expected;
}

async function requireInside(root: Root, path: string): Promise<void> {
  if (!(await isInside(root, path))) throw new Error("a part of the path is a link");
}
