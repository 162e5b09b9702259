/** @file Finds the files of training, validation and test rows, either next to a given file or in a given folder. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import {
  cardConfigs,
  dataFilesIn,
  type PartName,
  partOfName,
  partOfText,
  patternOf,
  splitsOf,
  textFilesIn,
} from "@tunewise/datacheck/dataset";
import { problem } from "../../problem/index.ts";

/** Files of a data set, relative to the working directory. */
export interface FoundFiles {
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
}

/**
 * Finds the files of all parts. Files next to the training file are used if their names identify their part.
 *
 * @param path file, folder or pattern as given by the user
 * @throws {TunewiseError} `INIT_DATA_NOT_FOUND`; `INIT_DATA_UNCLEAR` for a folder with several candidates and no file
 *   named after training rows, or with several configurations in its README and no default
 */
export async function findData(path: string, cwd: string): Promise<FoundFiles> {
  if (basename(path).includes("*")) return { train: path, validation: null, test: null };
  const found = await stat(resolve(cwd, path)).catch(() => null);
  if (found === null) throw problem("INIT_DATA_NOT_FOUND", { path, near: await filesIn(cwd) });
  if (found.isDirectory()) return inFolder(path, cwd);
  const folder = dirname(path);
  // one file of a numbered series stands for all
  const train = patternOf(basename(path)) === basename(path) ? path : join(folder, patternOf(basename(path)));
  if (partOfName(basename(path)) !== "train") return { train, validation: null, test: null };
  const all = [...(await dataFilesIn(resolve(cwd, folder))), ...(await textFilesIn(resolve(cwd, folder)))];
  const names = all.filter((name) => extname(name).toLowerCase() === extname(path).toLowerCase());
  const named = (part: "validation" | "test"): string | null => {
    const name = names.find((one) => one !== basename(path) && partOfName(one) === part);
    return name === undefined ? null : join(folder, patternOf(name));
  };
  return { train, validation: named("validation"), test: named("test") };
}

/** Finds the parts in a folder: as its description lists them, as files and folders named after them, or one file. */
async function inFolder(folder: string, cwd: string): Promise<FoundFiles> {
  const path = resolve(cwd, folder);
  const saved = await splitsOf(path);
  const described = saved?.map((name) => [name, `${name}/`] as const) ?? (await sourcesOfCard(folder, path));
  const parts = partsOf(folder, described ?? (await sourcesIn(path)));
  if (parts !== null) return parts;
  const names = await dataFilesIn(path);
  const [only] = names;
  if (names.length === 1 && only !== undefined) return findData(join(folder, only), cwd);
  // a numbered series, or files that the folder's description lists
  const series = new Set(names.map(patternOf));
  const [pattern] = series;
  if (series.size === 1 && pattern !== undefined)
    return { train: join(folder, pattern), validation: null, test: null };
  if (names.length === 0) {
    const texts = await textsIn(folder, path);
    if (texts !== null) return texts;
    if (await isFolder(join(path, "data"))) return inFolder(join(folder, "data"), cwd);
  }
  const files = names.length === 0 ? "no file of rows" : names.slice(0, 8).join(", ");
  throw problem("INIT_DATA_UNCLEAR", { folder, files, first: join(folder, names[0] ?? "FILE") });
}

/** A folder of text files, which are documents: files named after parts, or all of them; `null` if it has none. */
async function textsIn(folder: string, path: string): Promise<FoundFiles | null> {
  const names = await textFilesIn(path);
  const named = (part: PartName): string | null => {
    const name = names.find((one) => partOfText(one) === part);
    return name === undefined ? null : join(folder, name);
  };
  const train = named("train");
  if (train !== null) return { train, validation: named("validation"), test: named("test") };
  return names.length === 0 ? null : { train: `${join(folder, ".")}/`, validation: null, test: null };
}

/** The name of a split, and its source relative to the data set's folder. */
type NamedSource = readonly [name: string, source: string];

/**
 * The splits of the default configuration in the README; `null` if none has training rows.
 *
 * @throws {TunewiseError} `INIT_DATA_UNCLEAR` for several configurations without a default
 */
async function sourcesOfCard(folder: string, path: string): Promise<readonly NamedSource[] | null> {
  const configs = (await cardConfigs(path)).flatMap(({ name, isDefault, sources }) => {
    const train = [...sources].find(([split]) => partOfName(split) === "train")?.[1];
    return train === undefined ? [] : [{ name, isDefault, train, sources }];
  });
  const [first] = configs;
  if (first === undefined) return null;
  const chosen = configs.length === 1 ? first : configs.find(({ isDefault }) => isDefault);
  if (chosen !== undefined) return [...chosen.sources];
  const names = configs.map(({ name }) => name).slice(0, 8);
  const files = `the configurations ${names.join(", ")}`;
  throw problem("INIT_DATA_UNCLEAR", { folder, files, first: join(folder, first.train) });
}

/** Data files of a folder, those of a series as a pattern, and its folders that are named after parts. */
async function sourcesIn(path: string): Promise<NamedSource[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  const folders = entries
    .filter((entry) => entry.isDirectory() && partOfName(entry.name) !== null)
    .map(({ name }) => name);
  const filled: string[] = [];
  for (const name of folders.sort())
    if ((await dataFilesIn(join(path, name))).length > 0) filled.push(`${name}/`);
  const all = [...new Set((await dataFilesIn(path)).map(patternOf)), ...filled];
  return all.map((source) => [source, source]);
}

/** The first source of each part; `null` without training rows. */
function partsOf(folder: string, sources: readonly NamedSource[]): FoundFiles | null {
  const named = (part: PartName): string | null => {
    const source = sources.find(([name]) => partOfName(name) === part)?.[1];
    return source === undefined ? null : join(folder, source);
  };
  const train = named("train");
  return train === null ? null : { train, validation: named("validation"), test: named("test") };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

/** Returns a folder's data file, or `null` if it is ambiguous. */
export async function likelyData(folder: string): Promise<string | null> {
  const names = await dataFilesIn(folder);
  const train = names.find((name) => partOfName(name) === "train");
  return train ?? (names.length === 1 ? (names[0] ?? null) : null);
}

async function filesIn(folder: string): Promise<string> {
  const names = await dataFilesIn(folder);
  return names.length === 0
    ? "the current folder contains no data file"
    : `the current folder contains ${names.slice(0, 8).join(", ")}`;
}
