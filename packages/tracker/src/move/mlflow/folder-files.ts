/**
 * @file Small files of an `mlruns` folder: YAML documents, and one file per value. Sizes are checked before reading,
 * and symbolic links are not followed.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, errorReason } from "@tunewise/core/files";
import { readYamlTexts } from "@tunewise/core/format";
import { openRegularFile } from "@tunewise/core/untrusted";
import type { KeyValue } from "../../tracking/types.ts";
import { keepable } from "../../wandb/loose-json.ts";
import { type Loose, looseOf } from "../read-row.ts";

/** Folder of deleted experiments. */
export const trash = ".trash";
/** Folder of the model registry. */
export const registryFolder = "models";
/** Folder of a version, within that of its registered model. */
export const versionFolder: RegExp = /^version-\d{1,9}$/;

/** Maximum size of a document; a dataset's profile may have 16 MiB. */
const maxDocumentBytes = 20_000_000;
/** Maximum size of a parameter or tag; model histories reach a megabyte. */
const maxValueBytes = 4_000_000;
/** Maximum number of entries in a folder. */
const maxNames = 1_000_000;

/** A file's text. @throws {Error} with a readable message, if it is too large or unreadable */
export async function smallText(path: string, maxBytes: number): Promise<string> {
  const handle = await openRegularFile(path, { followLinks: false }).catch((error: unknown) => {
    throw new Error(`${path}: ${errorReason(error)}`, { cause: error });
  });
  try {
    const about = await handle.stat();
    if (about.size > maxBytes) throw new Error(`${path} has ${about.size} bytes, more than ${maxBytes}`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The fields of a folder's `meta.yaml`. @throws {Error} with a readable message, if it is missing or unreadable */
export async function readMeta(folder: string): Promise<Loose> {
  const path = join(folder, "meta.yaml");
  const value = readYamlTexts(await smallText(path, maxDocumentBytes), maxDocumentBytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path} is no YAML of MLflow's`);
  }
  return looseOf(value);
}

/** Entries of a folder by name; empty if the folder does not exist. */
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

/** Names of the subfolders of a folder. */
export async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Keys of the files below a folder; a key with slashes is a path. */
export async function keysBelow(folder: string, prefix = "", depth = 0): Promise<string[]> {
  const keys: string[] = [];
  for (const entry of await entriesOf(join(folder, prefix))) {
    const key = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory() && depth < maxDepth) keys.push(...(await keysBelow(folder, key, depth + 1)));
    else if (entry.isFile()) keys.push(key);
  }
  return keys;
}

/** Maximum parts of a key; keys have at most 250 characters. */
export const maxDepth = 128;

/** Values stored as one file each; the file's name is the key. */
export async function readFactFiles(folder: string): Promise<KeyValue[]> {
  const facts: KeyValue[] = [];
  for (const key of await keysBelow(folder)) {
    const value = await smallText(join(folder, key), maxValueBytes);
    facts.push({ key: keepable(key), value: keepable(value) });
  }
  return facts;
}
