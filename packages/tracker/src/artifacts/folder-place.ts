/** @file Resolves a client's path in a local folder, without following symbolic links. */
import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { caselessName, storedNames } from "./stored-name.ts";

/** A path in an artifact folder. */
export interface FolderPlace {
  readonly path: string;
  /** What exists at the path; `null` if nothing does. */
  readonly about: Stats | null;
  /** A file or link where the path needs a folder. */
  readonly blocker: Stats | null;
}

/**
 * The path of a key. Files under unencoded names, from earlier versions and other programs, are found too. If the file
 * system is case-insensitive and the name collides with another one, the capitals of the name are encoded.
 *
 * @param foldsCase whether the file system treats `A` and `a` as the same name
 */
export async function findPlace(root: string, key: string, foldsCase: boolean): Promise<FolderPlace> {
  let place: FolderPlace = { path: root, about: await folderOrNull(root), blocker: null };
  for (const part of key === "" ? [] : key.split("/")) {
    const names = storedNames(part);
    for (const name of names) {
      if (place.about && !place.about.isDirectory()) {
        return { path: place.path, about: null, blocker: place.about };
      }
      // A part that is split into pieces is too long to exist under its unencoded name.
      const others = names.length === 1 && part !== name ? [part] : [];
      place = await findName(place, [name, caselessName(name), ...others], foldsCase);
    }
  }
  return place;
}

/** The root itself may be a symbolic link, because the server's operator chose it. */
async function folderOrNull(root: string): Promise<Stats | null> {
  return stat(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

async function findName(
  folder: FolderPlace,
  [name, caseless, ...others]: readonly [string, string, ...string[]],
  foldsCase: boolean,
): Promise<FolderPlace> {
  const fresh = { path: join(folder.path, name), about: null, blocker: null };
  if (folder.about === null) return fresh;
  const candidates = [...new Set([name, caseless, ...others])];
  const present = foldsCase ? await readdir(folder.path) : null;
  for (const candidate of candidates) {
    if (present && !present.includes(candidate)) continue;
    const path = join(folder.path, candidate);
    const about = await lstatOrNull(path);
    if (about) return { path, about, blocker: null };
  }
  const isTaken = present?.some((other) => other.toLowerCase() === name.toLowerCase()) ?? false;
  return isTaken ? { ...fresh, path: join(folder.path, caseless) } : fresh;
}

/**
 * Whether the file system at a folder is case-insensitive. Looks up the folder itself with the case of its name
 * changed; returns `false` if that does not decide it.
 */
export async function foldsCaseAt(folder: string): Promise<boolean> {
  const name = basename(folder);
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  if (other === name) return false;
  const [here, there] = await Promise.all([lstatOrNull(folder), lstatOrNull(join(dirname(folder), other))]);
  return here !== null && there !== null && here.ino === there.ino && here.dev === there.dev;
}

/** Status of a path without following a symbolic link; `null` if nothing exists there. */
export async function lstatOrNull(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
}
