/** @file Recognizes data where a command expects a recipe. */
import { stat } from "node:fs/promises";
import { dataFormatOf } from "@tunewise/core/format";
import { readTextFile } from "@tunewise/core/untrusted";
import { dataFilesIn } from "@tunewise/datacheck/dataset";
import { problem } from "../problem/index.ts";

/** A key of a recipe in YAML or JSON, at the start of a line or of an object. */
const modelKey = /(?:^|[{,])\s{0,64}["']?model["']?\s{0,64}:/m;
const dataKey = /(?:^|[{,])\s{0,64}["']?data["']?\s{0,64}:/m;

/**
 * Refuses a data file or a folder of data files as a recipe. A file counts as data if its name does, unless it is text
 * with a recipe's required keys.
 *
 * @param path absolute
 * @param shown the path as the user gave it
 * @param maxBytes largest recipe; larger files are data
 * @throws {TunewiseError} `RECIPE_IS_DATA`
 */
export async function requireNoData(path: string, shown: string, maxBytes: number): Promise<void> {
  const kind = await kindOfData(path, maxBytes);
  if (kind !== null) throw dataAsRecipe(shown, kind);
}

/** The error for data in place of a recipe: `RECIPE_IS_DATA`. @param kind such as `a data file (json)` */
export function dataAsRecipe(shown: string, kind: string): Error {
  const quoted = /[^\w./\\:@-]/.test(shown) ? JSON.stringify(shown) : shown;
  return problem("RECIPE_IS_DATA", { path: shown, kind, quoted });
}

async function kindOfData(path: string, maxBytes: number): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return (await dataFilesIn(path)).length > 0 ? "a folder of data files" : null;
  const format = found?.isFile() ? dataFormatOf(path) : null;
  if (format === null) return null;
  const text = await readTextFile(path, maxBytes).catch(() => "");
  return modelKey.test(text) && dataKey.test(text) && (format === "json" || format === "text")
    ? null
    : `a data file (${format})`;
}
