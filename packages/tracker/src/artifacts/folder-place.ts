/** @file Finds the place of a client's path in a folder of this machine, without following links. */
import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { caselessName, storedNames } from "./stored-name.ts";

/** A place in a folder of artifacts. */
export interface FolderPlace {
  readonly path: string;
  /** What lies there; `null` where nothing does. */
  readonly about: Stats | null;
  /** A file or a link that stands where the path needs a folder. */
  readonly blocker: Stats | null;
}

/**
 * The place of a key. Files that were stored under their own names, as earlier versions and other programs do, are
 * found there; a name that this file system would take for another one, but for the case of its letters, is written
 * without capitals.
 *
 * @param foldsCase whether the file system takes `A` and `a` for one name
 */
export async function findPlace(root: string, key: string, foldsCase: boolean): Promise<FolderPlace> {
  let place: FolderPlace = { path: root, about: await folderOrNull(root), blocker: null };
  for (const part of key === "" ? [] : key.split("/")) {
    const names = storedNames(part);
    for (const name of names) {
      if (place.about && !place.about.isDirectory()) {
        return { path: place.path, about: null, blocker: place.about };
      }
      // A part that is cut into pieces is longer than any name that lies there as it is.
      const others = names.length === 1 && part !== name ? [part] : [];
      place = await findName(place, [name, caselessName(name), ...others], foldsCase);
    }
  }
  return place;
}

/** The root itself may be a link: whoever runs the server chose it. */
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
 * Whether the file system below a folder takes names for one that differ in case alone: it is asked for the folder
 * itself under such a name. `false` where that cannot be told.
 */
export async function foldsCaseAt(folder: string): Promise<boolean> {
  const name = basename(folder);
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  if (other === name) return false;
  const [here, there] = await Promise.all([lstatOrNull(folder), lstatOrNull(join(dirname(folder), other))]);
  return here !== null && there !== null && here.ino === there.ino && here.dev === there.dev;
}

/** What lies at a path, itself and not what a link names; `null` where nothing does. */
export async function lstatOrNull(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
}
