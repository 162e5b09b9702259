/**
 * @file Which files hold training, validation and test rows: a file and those beside it, or the files of a folder.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { problem } from "../../problem/index.ts";

/** The files of a data set, as paths from where the user stands. */
export interface FoundFiles {
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
}

const dataEnding = /\.(?:jsonl|ndjson|json|csv|tsv|tab|parquet)$/i;
/** Files of other programs that end like data. */
const otherFile = /^(?:package|package-lock|tsconfig|composer|manifest)\b.*\.json$|^\./i;

/** Names of the parts, as whole words of a file's name. */
const partWords = {
  train: /(?:^|[^a-z])train(?:ing)?(?:[^a-z]|$)/i,
  validation: /(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/i,
  test: /(?:^|[^a-z])(?:test|eval|holdout)(?:[^a-z]|$)/i,
} as const;

/**
 * Finds the parts. Files beside one that is called after training rows are taken where their names say what they are.
 *
 * @param path file or folder as the user gives it
 * @throws {TunewiseError} `INIT_DATA_NOT_FOUND`; `INIT_DATA_UNCLEAR` for a folder in which no file is called after
 *   training rows and several could be
 */
export async function findData(path: string, cwd: string): Promise<FoundFiles> {
  const found = await stat(resolve(cwd, path)).catch(() => null);
  if (found === null) throw problem("INIT_DATA_NOT_FOUND", { path, near: await filesIn(cwd) });
  if (found.isDirectory()) return inFolder(path, cwd);
  if (!partWords.train.test(basename(path))) return { train: path, validation: null, test: null };
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

function isPart(name: string, part: keyof typeof partWords): boolean {
  return partWords[part].test(name) && (part === "train" || !partWords.train.test(name));
}

/** The file of rows that lies in a folder, where it can only be one. */
export async function likelyData(folder: string): Promise<string | null> {
  const names = await namesIn(folder);
  return names.find((name) => isPart(name, "train")) ?? (names.length === 1 ? (names[0] ?? null) : null);
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => dataEnding.test(name) && !otherFile.test(name)).sort();
}

async function filesIn(folder: string): Promise<string> {
  const names = await namesIn(folder);
  return names.length === 0 ? "no file of rows lies here" : `here are ${names.slice(0, 8).join(", ")}`;
}
