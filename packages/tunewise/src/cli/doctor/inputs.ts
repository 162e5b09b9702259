/** @file Checks of a run's inputs: recipe, data files and output folder. */
import { dirname, resolve } from "node:path";
import { type Bytes, bytesText, countOf } from "@tunewise/core/quantity";
import { isManyFiles, sourceFiles } from "@tunewise/datacheck/dataset";
import { TunewiseError } from "../../problem/index.ts";
import {
  commandWords,
  dataSources,
  type Recipe,
  type RecipeReading,
  readRecipe,
} from "../../recipe/index.ts";
import { placeName } from "../render/problem.ts";
import { type Check, type Environment, fail, ok, warn } from "./check.ts";

/** Maximum size of a recipe in bytes, the same as the reader's own limit. */
const RECIPE_BYTES = 1_048_576;
/** Minimum free disk space, for a model, checkpoints and a run's record. */
const DISK_LEAST = 1e9;
const DISK_COMFORT = 5e9;

/** Checks recipe, data and disk; data and disk only if the recipe names them. */
export async function checkInputs(
  shown: string,
  given: boolean,
  cwd: string,
  around: Environment,
): Promise<Check[]> {
  const path = resolve(cwd, shown);
  const text = around.readText(path, RECIPE_BYTES);
  if (text === null) return [noRecipe(shown, given), checkDisk(resolve(cwd, ".tunewise"), around)];
  const reading = readRecipe(text, shown);
  const folder = dirname(path);
  const { recipe } = reading;
  if (recipe === null) return [badRecipe(reading, shown), checkDisk(resolve(folder, ".tunewise"), around)];
  return [
    goodRecipe(reading, recipe, shown),
    ...(await checkData(recipe, folder, around)),
    ...(await checkScannerPrograms(recipe, folder, around)),
    checkDisk(resolve(folder, recipe.output), around),
  ];
}

function noRecipe(shown: string, given: boolean): Check {
  const detail = `${shown} is not there or cannot be read`;
  return given ? fail("recipe", detail, "check the path") : warn("recipe", detail, "tunewise init");
}

function badRecipe({ problems }: RecipeReading, shown: string): Check {
  const first = problems.find(({ severity }) => severity === "error");
  const place = first?.where[0] ? `${placeName(first.where[0])}: ` : "";
  const more = problems.length > 1 ? ` (${problems.length} problems in all)` : "";
  return fail("recipe", `${place}${first?.detail ?? "not valid"}${more}`, first?.fix ?? `correct ${shown}`);
}

function goodRecipe({ problems }: RecipeReading, recipe: Recipe, shown: string): Check {
  const doubt = problems[0];
  if (doubt) return warn("recipe", `${shown}: ${doubt.detail}`, doubt.fix);
  return ok("recipe", `${shown}: ${recipe.model.source} on ${trainingSources(recipe)}`);
}

function trainingSources({ data }: Recipe): string {
  const sources = dataSources(data).filter(({ part }) => part === "train");
  return sources.map(({ source }) => source).join(", ");
}

async function checkData({ data }: Recipe, folder: string, around: Environment): Promise<Check[]> {
  const checks = dataSources(data).map(async ({ part, key, source }): Promise<Check> => {
    const name = `data ${part}`;
    if (source.startsWith("hub:")) return ok(name, `${source}, fetched when needed`);
    if (isManyFiles(source)) return checkFolder(name, source, folder);
    const size = around.fileBytes(resolve(folder, source));
    if (size === null) return fail(name, `${source} is not there or cannot be read`, `correct \`${key}\``);
    if (size === 0) return fail(name, `${source} is empty`, `put rows into it, or correct \`${key}\``);
    return ok(name, `${source}, ${bytesText(size as Bytes)}`);
  });
  return Promise.all(checks);
}

/** Checks a folder or a pattern, which names several files. */
async function checkFolder(name: string, source: string, folder: string): Promise<Check> {
  try {
    const files = await sourceFiles(resolve(folder, source), source);
    return ok(name, `${source}, ${countOf(files.length, "file")}`);
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    return fail(name, error.message, error.fix);
  }
}

/** Checks programs of `safety.scanners`; if one is missing, no run on rows with code can start. */
async function checkScannerPrograms(
  { safety }: Recipe,
  folder: string,
  around: Environment,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const scanner of safety.scanners) {
    const [program = ""] = typeof scanner === "string" ? [] : (commandWords(scanner.sarif) ?? []);
    if (program === "" || (await around.hasProgram(program, folder))) continue;
    const fix = `install ${program}, or take it out of safety.scanners`;
    checks.push(fail("scanner", `there is no program ${program}, which safety.scanners names`, fix));
  }
  return checks;
}

function checkDisk(folder: string, around: Environment): Check {
  if (!around.canWrite(folder)) {
    return fail(
      "disk",
      `${folder} may not be written to`,
      "set `output:` in the recipe to a folder of yours",
    );
  }
  const free = around.diskBytesFree(folder);
  if (free === null) return warn("disk", "free space is not known", "see that 5 GB are free");
  const seen = `${bytesText(free as Bytes)} free for ${folder}`;
  const fix = "free some space, or set `output:` in the recipe to a folder on another disk";
  if (free < DISK_LEAST) return fail("disk", seen, fix);
  return free < DISK_COMFORT ? warn("disk", seen, fix) : ok("disk", seen);
}
