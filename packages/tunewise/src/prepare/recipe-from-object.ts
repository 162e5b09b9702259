/** @file A recipe from a plain object, with rows in memory written to files named after their content. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { hashOf, writeWholeFile } from "@tunewise/tracker";
import { problem } from "../problem/index.ts";
import type { RecipeFile } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { type LoadedRecipe, type RecipeOverrides, recipeFromText, withTemplateText } from "./load-recipe.ts";

/**
 * A row of data: the columns of a file's row, such as `prompt` and `completion`, or `messages`.
 *
 * @example
 * import type { DataRow } from "tunewise/plan";
 *
 * const row: DataRow = { prompt: "2 + 2", completion: "4" };
 * console.log(Object.keys(row).join(" ")); // prompt completion
 */
export type DataRow = Readonly<Record<string, unknown>>;

/** The same value with every key optional. */
type Optional<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: Optional<Value[Key]> }
    : Value;

/** A source of rows: as in a recipe file, or the rows themselves. */
type RowSource = string | readonly DataRow[];

/** The `data` section, whose rows may be in memory. */
interface DataObject extends Omit<Optional<RecipeFile["data"]>, "train" | "validation" | "test"> {
  readonly train?: RowSource;
  readonly validation?: RowSource;
  readonly test?: RowSource;
}

/**
 * A recipe as a plain object, with the keys of a recipe file. `data.train`, `data.validation` and `data.test` may be
 * rows in place of file names.
 *
 * @example
 * import { type RecipeObject, recipeFrom } from "tunewise/plan";
 *
 * const recipe: RecipeObject = { model: "owner/name", data: { train: "train.jsonl" }, training: { steps: 8 } };
 * console.log((await recipeFrom(recipe)).recipe.training.steps); // 8
 */
export interface RecipeObject extends Omit<Optional<RecipeFile>, "data" | "model"> {
  readonly model: NonNullable<Optional<RecipeFile>["model"]>;
  readonly data: DataObject;
}

/** Where a recipe from an object lies. */
interface ObjectPlace extends RecipeOverrides {
  /** Base folder of the recipe's file names. Default: the working directory. */
  readonly folder?: string;
}

/** How messages name the recipe. */
const shown = "the recipe object";
/** The name that the record of a run gives the recipe. No such file exists. */
const fileName = "recipe-object.json";
/** Hexadecimal digits of the hash in a file name. */
const hashDigits = 16;

/**
 * Reads a recipe from an object. Rows in memory are written to `OUTPUT/data/PART-HASH.jsonl` first, so that a run of
 * the recipe has the same fingerprint, resumes and evaluations as one with files.
 *
 * @throws {TunewiseError} `RECIPE_INVALID` (its cause is the list of findings), `PICK_IMPOSSIBLE`,
 *   `USAGE_VALUE_INVALID` for a value that JSON cannot hold, `RUN_FILE_WRITE_FAILED`, `CHAT_TEMPLATE_UNREADABLE`
 */
export async function recipeFromObject(
  object: RecipeObject,
  runtime: Pick<Runtime, "cwd">,
  { folder = ".", ...overrides }: ObjectPlace = {},
): Promise<LoadedRecipe> {
  const base = resolve(runtime.cwd, folder);
  const output = resolve(base, overrides.output ?? object.output ?? ".tunewise");
  const files: Record<string, unknown> = {};
  for (const part of ["train", "validation", "test"] as const) {
    const rows: unknown = object.data?.[part];
    if (Array.isArray(rows)) files[part] = portable(base, await writeRows(part, rows, output));
  }
  const complete =
    Object.keys(files).length === 0 ? object : { ...object, data: { ...object.data, ...files } };
  const text = jsonText(complete, "recipe", 2);
  return withTemplateText(recipeFromText(text, join(base, fileName), shown, overrides));
}

/** Writes the rows unless a file with their content exists. Returns its path. */
async function writeRows(part: string, rows: readonly unknown[], output: string): Promise<string> {
  const lines = rows.map((row, at) => Buffer.from(`${jsonText(row, `data.${part}[${at}]`)}\n`));
  const hash = createHash("sha256");
  for (const line of lines) hash.update(line);
  const sha256 = hash.digest("hex");
  const path = join(output, "data", `${part}-${sha256.slice(0, hashDigits)}.jsonl`);
  if ((await hashOf(path))?.sha256 === sha256) return path;
  await mkdir(join(output, "data"), { recursive: true });
  await writeWholeFile(path, lines);
  return path;
}

/** A path as a recipe file would have it: relative to the recipe, with forward slashes. */
function portable(base: string, path: string): string {
  return relative(base, path).split(sep).join("/");
}

/**
 * Serializes a value, without losing any of it: `JSON.stringify` turns NaN into `null` and omits functions.
 *
 * @param name of the value, for the error
 */
function jsonText(value: unknown, name: string, indent = 0): string {
  const text: string | undefined = JSON.stringify(value, requireJson(name), indent);
  if (text === undefined) throw notJson(name, typeof value);
  return text;
}

/** A replacer that refuses what JSON cannot hold. */
function requireJson(name: string): (key: string, value: unknown) => unknown {
  return (key, value) => {
    const isLost =
      ["function", "symbol", "bigint"].includes(typeof value) ||
      (typeof value === "number" && !Number.isFinite(value));
    if (isLost) throw notJson(key === "" ? name : `${key} in ${name}`, String(value));
    return value;
  };
}

function notJson(name: string, found: string): Error {
  return problem("USAGE_VALUE_INVALID", {
    name,
    expected: "text, a finite number, true, false, null, a list or an object",
    found,
    fix: "Convert the value before you pass it",
  });
}
