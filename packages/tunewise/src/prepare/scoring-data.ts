/** @file Reads the data that a recipe's metrics need, before anything is spent. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { type JsonSchema, patternProblem, schemaProblem } from "@tunewise/datacheck/dataset";
import { noScoringData, type ReadAssertions, readAssertions, type ScoringData } from "../evaluate/index.ts";
import { type Finding, problem } from "../problem/index.ts";
import { type Recipe, readYaml } from "../recipe/index.ts";

/** Size limit of assertion and schema files, in bytes. */
const maxScoringFileLength = 16 * 2 ** 20;

/** Data for metrics, with findings. */
export interface ReadScoring {
  readonly material: ScoringData;
  readonly findings: readonly Finding[];
}

/**
 * Reads pattern, schema and assertions of a recipe.
 *
 * @param folder base folder of file names
 * @throws {TunewiseError} `SCORING_PATTERN_INVALID`, `SCORING_FILE_UNREADABLE`
 */
export async function readScoring({ task }: Recipe, folder: string): Promise<ReadScoring> {
  const wrong = task.pattern === null ? null : patternProblem(task.pattern);
  if (wrong !== null) throw problem("SCORING_PATTERN_INVALID", { reason: wrong });
  const schema = task.schema === null ? null : await readSchema(folder, task.schema);
  const none: ReadAssertions = { tests: [], defaultTest: null, findings: [] };
  const { tests, defaultTest, findings } =
    task.assertions === null
      ? none
      : readAssertions(await readFileOf("assertions", folder, task.assertions), task.assertions);
  return { material: { ...noScoringData, pattern: task.pattern, schema, tests, defaultTest }, findings };
}

/** Identifies the metrics' data as text. A file or database that changes under the same name changes the text. */
export async function scoringFingerprint({ recipe, loaded, scoring }: ScoringFiles): Promise<string> {
  const { database } = recipe.task;
  const found = database === null ? null : await stat(resolve(loaded.folder, database)).catch(() => null);
  return JSON.stringify([scoring, found === null ? null : [found.size, found.mtimeMs]]);
}

interface ScoringFiles {
  readonly recipe: Recipe;
  readonly loaded: { readonly folder: string };
  readonly scoring: ScoringData;
}

/**
 * Reads a JSON Schema from a JSON or YAML file.
 *
 * @throws {TunewiseError} `SCORING_FILE_UNREADABLE`
 */
export async function readSchema(folder: string, name: string): Promise<JsonSchema> {
  const { value, problems } = readYaml(await readFileOf("schema", folder, name), name);
  const reason = problems[0]?.detail ?? schemaProblem(value);
  if (reason !== null) throw problem("SCORING_FILE_UNREADABLE", { key: "schema", name, reason });
  return value as JsonSchema;
}

async function readFileOf(key: string, folder: string, name: string): Promise<string> {
  const path = resolve(folder, name);
  try {
    const { size } = await stat(path);
    if (size > maxScoringFileLength)
      throw new Error(`it has ${size} bytes, more than ${maxScoringFileLength}`);
    return await readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw problem("SCORING_FILE_UNREADABLE", { key, name, reason }, { cause });
  }
}
