/**
 * @file Finds the files of a source that names several: a folder, or a pattern such as `data/train-*.parquet`. Folders
 * that `datasets.save_to_disk` wrote state their files; those of other folders are all data files in it.
 */

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { dataFormatOf, isFoundAsData } from "@tunewise/core/format";
import { parseJson, readTextFile } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { foreignFileError } from "./open-file.ts";
import { fieldOf, isFields } from "./record.ts";

/** A file to read. */
export interface SourceFile {
  readonly path: string;
  /** Name in messages: as in the recipe, or in the recipe's folder of rows. */
  readonly shown: string;
}

/** A part of a data set. */
export type PartName = "train" | "validation" | "test";

/** Words in names of files and folders that identify the parts. */
const partPatterns: Readonly<Record<PartName, RegExp>> = {
  train: /(?:^|[^a-z])train(?:ing)?(?:[^a-z]|$)/i,
  validation: /(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/i,
  test: /(?:^|[^a-z])(?:test|eval|holdout)(?:[^a-z]|$)/i,
};

/** The part that a file, folder or split is named after, or `null`. Training comes first: `train-eval.csv` is for it. */
export function partOfName(name: string): PartName | null {
  const parts = Object.keys(partPatterns) as PartName[];
  return parts.find((part) => partPatterns[part].test(name)) ?? null;
}

/** JSON files that describe a data set or belong to another program, and hidden files. */
const otherFile =
  /^(?:package|package-lock|tsconfig|composer|manifest|dataset_infos?|dataset_dict|state|metadata|croissant)\b.*\.json$|^\./i;

/** Names of a folder's data files, sorted; empty if it cannot be read. */
export async function dataFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => isFoundAsData(name) && !otherFile.test(name)).sort();
}

/** Whether a file is plain text by its name. */
export function isTextName(path: string): boolean {
  return dataFormatOf(path) === "text";
}

/**
 * Names of a folder's text files, sorted: they are its documents if it has no data files. A README describes the folder
 * unless the other files are Markdown too.
 */
export async function textFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const texts = names.filter((name) => isTextName(name) && !otherFile.test(name)).sort();
  const others = texts.filter((name) => !/^readme\.(?:md|txt)$/i.test(name));
  return others.length > 0 && others.every((name) => /\.md\b/i.test(name)) ? texts : others;
}

/** The part that a text file is named after, such as `train.txt`; the names of other documents are their titles. */
export function partOfText(name: string): PartName | null {
  return /^[a-z]+\.(?:txt|md)(?:\.\w+)?$/i.test(name) ? partOfName(name) : null;
}

/** Whether a source may name several files. */
export function isManyFiles(source: string): boolean {
  return source.endsWith("/") || basename(source).includes("*");
}

/** Max. files of a source. */
const MAX_FILES = 10_000;

/**
 * The files of a source, in the order in which they are read.
 *
 * @param path path of a file or folder, or a pattern with `*` in its last part
 * @param shown the same as written in the recipe
 * @throws {TunewiseError} `DATA_FOLDER_EMPTY` for a source without files, `DATA_FOLDER_PARTS` for a folder with files
 *   of several parts, `DATA_FILE_NOT_FOUND` for a missing file of a numbered series, `DATA_FILE_UNREADABLE`
 */
export async function sourceFiles(path: string, shown: string): Promise<SourceFile[]> {
  const pattern = basename(path);
  const folder = pattern.includes("*") ? dirname(path) : path;
  const shownFolder = pattern.includes("*") ? dirname(shown) : shown;
  const isFolder = isManyFiles(shown) || ((await stat(path).catch(() => null))?.isDirectory() ?? false);
  if (!isFolder) return [{ path, shown }];
  const names = pattern.includes("*")
    ? (await readdir(folder).catch((): string[] => [])).filter((name) => matchesPattern(name, pattern)).sort()
    : await namesInFolder(folder, shown);
  if (names.length === 0) throw problem("DATA_FOLDER_EMPTY", { source: shown });
  if (names.length > MAX_FILES) {
    const reason = `it names ${names.length} files, more than ${MAX_FILES}`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason });
  }
  requireSeries(names, shownFolder);
  return names.map((name) => ({ path: join(folder, name), shown: join(shownFolder, name) }));
}

/** Whether a name fits a pattern, whose `*` stand for any characters. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop() ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

async function namesInFolder(folder: string, shown: string): Promise<string[]> {
  const splits = await splitsOf(folder);
  if (splits !== null)
    throw partsError(
      shown,
      splits.map((name) => [name, `${join(shown, name)}/`]),
    );
  const stated = await statedFiles(folder);
  if (stated !== null) return stated;
  const rows = await dataFilesIn(folder);
  const names = rows.length > 0 ? rows : await textFilesIn(folder);
  const parts = new Map<string, string>();
  for (const name of names) {
    const part = isTextName(name) ? partOfText(name) : partOfName(name);
    if (part !== null && !parts.has(part)) parts.set(part, join(shown, patternOf(name)));
  }
  if (parts.size > 1) throw partsError(shown, [...parts]);
  return names;
}

/** The pattern of all files of a series, or the name of a single file. */
export function patternOf(name: string): string {
  return name.replace(seriesNumber, (whole, _, count: string) =>
    Number(count) > 1 ? `-*-of-${count}` : whole,
  );
}

/** Number and count in the names of a series of files, such as `train-00000-of-00002.parquet`. */
const seriesNumber = /-(\d{5})-of-(\d{5})(?=\.)/;

/** A missing file of a series would be rows that are dropped silently. */
function requireSeries(names: readonly string[], shownFolder: string): void {
  const present = new Set(names);
  for (const name of names) {
    const [, , count = ""] = seriesNumber.exec(name) ?? [];
    if (count === "" || Number(count) > MAX_FILES) continue;
    for (let number = 0; number < Number(count); number++) {
      const other = name.replace(seriesNumber, `-${String(number).padStart(5, "0")}-of-${count}`);
      if (!present.has(other)) throw problem("DATA_FILE_NOT_FOUND", { file: join(shownFolder, other) });
    }
    // one file stands for its series
    if (Number(count) === names.length) return;
  }
}

/** Max. bytes of a file that describes a data set. */
const MAX_DESCRIPTION_BYTES = 16 * 2 ** 20;

/**
 * Names of the splits of a data set that `datasets.save_to_disk` wrote, which are its folders; `null` for others.
 *
 * @source huggingface/datasets src/datasets/dataset_dict.py, version 5.2
 */
export async function splitsOf(folder: string): Promise<string[] | null> {
  const value = await description(join(folder, "dataset_dict.json"));
  const splits = value === null ? null : fieldOf(value, "splits");
  return Array.isArray(splits) ? splits.filter(isPlainName) : null;
}

/** Files that `state.json` lists, in order; `null` if there is none. */
async function statedFiles(folder: string): Promise<string[] | null> {
  const state = await description(join(folder, "state.json"));
  const files = state === null ? null : fieldOf(state, "_data_files");
  if (!Array.isArray(files)) return null;
  return files.map((file) => (isFields(file) ? fieldOf(file, "filename") : null)).filter(isPlainName);
}

/** Names from a description may not lead out of its folder. */
function isPlainName(name: unknown): name is string {
  return typeof name === "string" && /^[^/\\\0]+$/.test(name) && name !== "." && name !== "..";
}

async function description(path: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const value = parseJson(await readTextFile(path, MAX_DESCRIPTION_BYTES));
    return isFields(value) ? value : null;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "ENOENT") return null;
    throw foreignFileError(path, cause);
  }
}

function partsError(folder: string, parts: readonly (readonly [name: string, source: string])[]): Error {
  const named = parts.flatMap(([name, source]) => {
    const part = partOfName(name);
    return part === null ? [] : [`${part}: ${source}`];
  });
  const lines =
    named.length === 0
      ? [`train: ${parts[0]?.[1] ?? folder}`]
      : [...new Map(named.map((line) => [line.split(":")[0], line])).values()];
  return problem("DATA_FOLDER_PARTS", {
    folder,
    parts: parts
      .map(([name]) => name)
      .slice(0, 12)
      .join(", "),
    fix: `data: { ${lines.join(", ")} }`,
  });
}
