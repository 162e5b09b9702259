/**
 * @file Small files of an `mlruns` folder: YAML documents, and values that are a file each. Sizes are checked before
 * anything is read; a link is taken for what it is and not followed.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, errorReason } from "@tunewise/core/files";
import { readYamlTexts } from "@tunewise/core/format";
import { openRegularFile } from "@tunewise/core/untrusted";
import type { Fact } from "../../tracking/nouns.ts";
import { keepable } from "../../wandb/loose-json.ts";
import { type Loose, looseOf } from "../read-row.ts";

/** Folder of deleted experiments. */
export const trash = ".trash";
/** Folder of the registry. */
export const registryFolder = "models";
/** Folder of a version below its name. */
export const versionFolder: RegExp = /^version-\d{1,9}$/;

/** Largest document: a dataset's profile may have 16 MiB. */
const maxDocumentBytes = 20_000_000;
/** Largest value of a parameter or a tag; histories of models reach a megabyte. */
const maxValueBytes = 4_000_000;
/** Files of one folder. */
const maxNames = 1_000_000;

/** A file's text. @throws {Error} in words, where it is too large or cannot be read */
export async function smallText(path: string, bytesMost: number): Promise<string> {
  const handle = await openRegularFile(path, { followLinks: false }).catch((error: unknown) => {
    throw new Error(`${path}: ${errorReason(error)}`, { cause: error });
  });
  try {
    const about = await handle.stat();
    if (about.size > bytesMost) throw new Error(`${path} has ${about.size} bytes, more than ${bytesMost}`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The fields of a folder's `meta.yaml`. @throws {Error} in words, where there is none or it cannot be read */
export async function readMeta(folder: string): Promise<Loose> {
  const path = join(folder, "meta.yaml");
  const value = readYamlTexts(await smallText(path, maxDocumentBytes), maxDocumentBytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path} is no YAML of MLflow's`);
  }
  return looseOf(value);
}

/** What lies in a folder, by name; nothing where there is no such folder. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.length > maxNames) throw new Error(`${folder} has more than ${maxNames} entries`);
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return [];
    throw error;
  }
}

/** Names of the folders in a folder. */
export async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Keys of the files below a folder: a key with slashes is a path. */
export async function keysBelow(folder: string, prefix = "", depth = 0): Promise<string[]> {
  const keys: string[] = [];
  for (const entry of await entriesOf(join(folder, prefix))) {
    const key = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory() && depth < maxDepth) keys.push(...(await keysBelow(folder, key, depth + 1)));
    else if (entry.isFile()) keys.push(key);
  }
  return keys;
}

/** Parts of a key, at most: keys have 250 characters. */
export const maxDepth = 128;

/** Values that are a file each; the file's name is the key. */
export async function readFactFiles(folder: string): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const key of await keysBelow(folder)) {
    const value = await smallText(join(folder, key), maxValueBytes);
    facts.push({ key: keepable(key), value: keepable(value) });
  }
  return facts;
}
