/**
 * @file Files of runs in a source's own folder. Addresses in a source are not trusted: nothing outside that folder is
 * read, and symbolic links are not followed.
 */
import type { Dirent } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCode, errorReason } from "@tunewise/core/files";
import { openRegularFile } from "@tunewise/core/untrusted";
import type { Damage, MovedFile } from "../history.ts";

/** Maximum files of one run; a folder with more is not a run's folder. */
const maxFiles = 1_000_000;
/** Maximum depth of folders. */
const maxDepth = 64;

/**
 * All files below a folder, ordered by name.
 *
 * @param root the folder that must contain them
 * @param address a path or a `file:` address; nothing can be read from other addresses
 * @param what the owner of the files, for messages
 */
export async function* filesBelow(
  root: string,
  address: string,
  what: string,
): AsyncGenerator<MovedFile | Damage> {
  const damage = (reason: string): Damage => ({ kind: "damage", what, reason });
  const folder = folderOf(address);
  if (folder === null) {
    yield damage(`its files lie at another place (${shown(address)}) and stay there`);
    return;
  }
  const [inside, real] = [await realOrNull(root), await realOrNull(folder)];
  if (real === null || inside === null) return;
  if (real !== inside && !real.startsWith(inside.endsWith(sep) ? inside : inside + sep)) {
    yield damage(`its files lie outside of ${root} (${shown(address)}) and stay there`);
    return;
  }
  yield* walk(real, "", { count: 0 }, damage, 0);
}

function shown(address: string): string {
  return address.slice(0, 200);
}

function folderOf(address: string): string | null {
  if (address.startsWith("file:")) {
    try {
      return fileURLToPath(address);
    } catch {
      return null;
    }
  }
  if (address === "" || address.includes("\0") || /^[a-z][a-z0-9+.-]+:/i.test(address)) return null;
  return resolve(address);
}

async function realOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return null;
    throw error;
  }
}

async function* walk(
  folder: string,
  prefix: string,
  seen: { count: number },
  damage: (reason: string) => Damage,
  depth: number,
): AsyncGenerator<MovedFile | Damage> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (error) {
    yield damage(`its folder ${prefix || "of files"} could not be read: ${errorReason(error)}`);
    return;
  }
  for (const name of names) {
    const [path, full] = [prefix === "" ? name : `${prefix}/${name}`, join(folder, name)];
    const about = await lstat(full).catch(() => null);
    if (about?.isDirectory() && depth < maxDepth) yield* walk(full, path, seen, damage, depth + 1);
    else if (about?.isDirectory()) yield damage(`${path} lies deeper than ${maxDepth} folders`);
    else if (about !== null && !about.isFile()) yield damage(`${path} is ${unreadKind(about)}`);
    if (!about?.isFile()) continue;
    if (++seen.count > maxFiles) {
      yield damage(`it has more than ${maxFiles} files`);
      return;
    }
    yield {
      path,
      bytes: about.size,
      open: async () => (await openRegularFile(full, { followLinks: false })).createReadStream(),
    };
  }
}

/** Describes an entry that is neither a file nor a folder, for messages. */
export function unreadKind(about: Pick<Dirent, "isSymbolicLink">): string {
  return about.isSymbolicLink() ? "a link, which is not followed" : "not a regular file";
}
