/**
 * @file Reads the README of a data set, which lists the files of each part in repositories of the Hugging Face hub.
 * Parts that `datasets.save_to_disk` wrote are folders, see `source-files.ts`.
 *
 * @source huggingface/hub-docs docs/hub/datasets-manual-configuration.md
 */

import { readdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { isFoundAsData, readYamlTexts } from "@tunewise/core/format";
import { readTextFile } from "@tunewise/core/untrusted";
import { foreignFileError } from "./open-file.ts";
import { fieldOf, isFields } from "./record.ts";
import { matchesPattern, patternOf } from "./source-files.ts";

/** A configuration of a data set: a choice of files that is read as one data set. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Source of each split by name, relative to the folder: a file, or a pattern with `*` in its last part. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Max. bytes of a README. */
const MAX_README_BYTES = 4 * 2 ** 20;

/**
 * The configurations that a folder's README describes. Empty without a README or `configs` in it. A split is left out
 * if no single pattern names its files.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE`, `DATA_FILE_FORBIDDEN` for a README that cannot be read
 */
export async function cardConfigs(folder: string): Promise<CardConfig[]> {
  const path = join(folder, "README.md");
  const text = await readTextFile(path, MAX_README_BYTES).catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code === "ENOENT") return "";
    throw foreignFileError(path, cause);
  });
  const [, matter = ""] = /^---\r?\n(.*?)\r?\n---/s.exec(text) ?? [];
  const card = readYamlTexts(matter, MAX_README_BYTES);
  const configs = isFields(card) ? fieldOf(card, "configs") : null;
  if (!Array.isArray(configs)) return [];
  return Promise.all(
    configs.filter(isFields).map(async (config) => {
      const name = textOf(fieldOf(config, "config_name")) ?? "default";
      const isDefault = name === "default" || /^(?:true|yes)$/i.test(String(fieldOf(config, "default")));
      return { name, isDefault, sources: await sourcesOf(folder, fieldOf(config, "data_files")) };
    }),
  );
}

async function sourcesOf(folder: string, files: unknown): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const splits = Array.isArray(files) && files.every(isFields) ? files : [{ split: "train", path: files }];
  for (const entry of splits) {
    const split = textOf(fieldOf(entry, "split"));
    const value = fieldOf(entry, "path");
    const path = textOf(Array.isArray(value) && value.length === 1 ? value[0] : value);
    const source = path === null ? null : await dataPattern(folder, path);
    if (split !== null && source !== null) sources.set(split, source);
  }
  return sources;
}

/** The pattern with the extension of its data files; `null` if it names none, or files of several kinds. */
async function dataPattern(folder: string, path: string): Promise<string | null> {
  const parent = dirname(path);
  if (parent.includes("*") || parent.split("/").includes("..") || path.startsWith("/")) return null;
  const pattern = path.slice(path.lastIndexOf("/") + 1);
  const all = await readdir(join(folder, parent)).catch((): string[] => []);
  const names = all.filter((name) => matchesPattern(name, pattern) && isFoundAsData(name));
  const series = new Set(names.map(patternOf));
  const [only] = series;
  if (only !== undefined && series.size === 1) return join(parent, only);
  const endings = new Set(names.map(extname));
  const [ending] = endings;
  if (ending === undefined || endings.size > 1) return null;
  return join(parent, pattern.endsWith("*") ? pattern + ending : pattern);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
