/** @file Finds the files of training, validation and test rows, either next to a given file or in a given folder. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { isFoundAsData } from "@tunewise/core/format";
import { problem } from "../../problem/index.ts";

/** Files of a data set, relative to the working directory. */
export interface FoundFiles {
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
}

/** Files of other programs that have an extension of data files. */
const otherFile = /^(?:package|package-lock|tsconfig|composer|manifest)\b.*\.json$|^\./i;

/** Words in file names that identify the parts. */
const partPatterns = {
  train: /(?:^|[^a-z])train(?:ing)?(?:[^a-z]|$)/i,
  validation: /(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/i,
  test: /(?:^|[^a-z])(?:test|eval|holdout)(?:[^a-z]|$)/i,
} as const;

/**
 * Finds the files of all parts. Files next to the training file are used if their names identify their part.
 *
 * @param path file or folder as given by the user
 * @throws {TunewiseError} `INIT_DATA_NOT_FOUND`; `INIT_DATA_UNCLEAR` for a folder with several candidates and no file
 *   named after training rows
 */
export async function findData(path: string, cwd: string): Promise<FoundFiles> {
  const found = await stat(resolve(cwd, path)).catch(() => null);
  if (found === null) throw problem("INIT_DATA_NOT_FOUND", { path, near: await filesIn(cwd) });
  if (found.isDirectory()) return inFolder(path, cwd);
  if (!partPatterns.train.test(basename(path))) return { train: path, validation: null, test: null };
  const folder = dirname(path);
  const names = (await namesIn(resolve(cwd, folder))).filter(
    (name) => extname(name).toLowerCase() === extname(path).toLowerCase(),
  );
  const named = (part: "validation" | "test"): string | null => {
    const name = names.find((one) => one !== basename(path) && isPart(one, part));
    return name === undefined ? null : join(folder, name);
  };
  return { train: path, validation: named("validation"), test: named("test") };
}

async function inFolder(folder: string, cwd: string): Promise<FoundFiles> {
  const names = await namesIn(resolve(cwd, folder));
  const train = names.find((name) => isPart(name, "train")) ?? (names.length === 1 ? names[0] : undefined);
  if (train === undefined) {
    const files = names.length === 0 ? "no file of rows" : names.slice(0, 8).join(", ");
    throw problem("INIT_DATA_UNCLEAR", { folder, files, first: join(folder, names[0] ?? "FILE") });
  }
  return findData(join(folder, train), cwd);
}

function isPart(name: string, part: keyof typeof partPatterns): boolean {
  return partPatterns[part].test(name) && (part === "train" || !partPatterns.train.test(name));
}

/** Returns a folder's data file, or `null` if it is ambiguous. */
export async function likelyData(folder: string): Promise<string | null> {
  const names = await namesIn(folder);
  return names.find((name) => isPart(name, "train")) ?? (names.length === 1 ? (names[0] ?? null) : null);
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => isFoundAsData(name) && !otherFile.test(name)).sort();
}

async function filesIn(folder: string): Promise<string> {
  const names = await namesIn(folder);
  return names.length === 0
    ? "the current folder contains no data file"
    : `the current folder contains ${names.slice(0, 8).join(", ")}`;
}
