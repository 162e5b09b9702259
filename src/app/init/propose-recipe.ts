/**
 * @file From what the data are to a recipe, with a sentence for each setting that the data decide.
 */

import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { RecognizedFile } from "../../dataset/index.ts";
import { checkHubId, looksLikePath } from "../../hub/index.ts";
import { problem } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { RecipeChoices } from "../../recipe/index.ts";
import type { Proposal } from "./first-choices.ts";
import type { LookedAtData } from "./look-at-data.ts";

/** Characters of a token where no tokenizer is at hand: a little few, so that a length is rather too large. */
const charactersPerToken = 3;
/** The recipe's default length, and the longest that is proposed. */
const usualTokens = 1024;
const mostTokens = 8192;
/** Up to this share of rows is left out with a word; beyond it the user decides. */
const skippedShare = 0.05;

/** What the data say of a recipe. */
export interface DataProposal {
  readonly choices: Pick<
    RecipeChoices,
    "train" | "validation" | "test" | "columns" | "promptTemplate" | "maxLength" | "badRows" | "kind"
  >;
  readonly proposals: readonly Proposal[];
}

/**
 * Settings that follow from the data.
 *
 * @param recipePath absolute path of the recipe, from whose folder paths are written
 * @param cwd folder that the files' names start from
 * @param kind what the user says an answer is; `null`: as the answers look
 */
export function proposeData(
  looked: LookedAtData,
  recipePath: string,
  cwd: string,
  kind: RecipeChoices["kind"] | null,
): DataProposal {
  const { files, train } = looked;
  const inRecipe = (path: string): string => portable(relative(dirname(recipePath), resolve(cwd, path)));
  const pair = train.reading.kind === "pair" ? train.reading : null;
  const columns = pair === null ? null : { prompt: pair.prompt, completion: pair.completion };
  const task = kind ?? train.answers?.kind ?? "text";
  const maxLength = longestTokens(train);
  const choices: DataProposal["choices"] = {
    train: inRecipe(files.train),
    validation: looked.validation && files.validation !== null ? inRecipe(files.validation) : null,
    test: looked.test && files.test !== null ? inRecipe(files.test) : null,
    columns,
    promptTemplate:
      pair === null || pair.contexts.length === 0
        ? null
        : templateOf(pair.prompt, pair.contexts, train.columns),
    maxLength,
    badRows: isWorthSkipping(train) ? "skip" : null,
    kind: task,
  };
  return { choices, proposals: proposalsOf(choices, looked, kind !== null) };
}

function proposalsOf(choices: DataProposal["choices"], looked: LookedAtData, isSaid: boolean): Proposal[] {
  const { train } = looked;
  const list: Proposal[] = [{ key: "data.train", value: choices.train, why: rowsText(train) }];
  const add = (key: string, value: string | number | null, why: string): void => {
    if (value !== null) list.push({ key, value, why });
  };
  add("data.validation", choices.validation, looked.validation ? rowsText(looked.validation) : "");
  add("data.test", choices.test, looked.test ? rowsText(looked.test) : "");
  if (choices.columns !== null)
    add(
      "data.columns",
      `${choices.columns.prompt} -> ${choices.columns.completion}`,
      "by their names and values",
    );
  add("data.prompt_template", choices.promptTemplate, "the other columns belong to the question");
  add("data.max_length", choices.maxLength, `the longest row has ${countOf(train.longest, "character")}`);
  if (choices.badRows !== null)
    add(
      "data.bad_rows",
      choices.badRows,
      `${train.unusable} of ${countOf(train.rows, "row")} cannot be used: the first ${train.firstReason}`,
    );
  add("task.kind", choices.kind, isSaid ? "as you said" : taskText(train));
  return list;
}

/** `60 rows, CSV in Windows-1252`. */
export function rowsText({ rows, isCut, container, hasHeader }: RecognizedFile): string {
  const count = `${isCut ? "over " : ""}${rows} ${rows === 1 ? "row" : "rows"}`;
  const kinds = {
    jsonl: "JSON lines",
    json: "a JSON document",
    parquet: "Parquet",
    table: "a table",
  } as const;
  const marks: Readonly<Record<string, string>> = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "pipes",
  };
  const separated =
    container.kind === "table" ? ` with ${marks[container.separator] ?? container.separator}` : "";
  const encoding =
    container.kind === "parquet" || container.encoding === "utf-8" ? "" : ` in ${container.encoding}`;
  return `${count} of ${kinds[container.kind]}${separated}${encoding}${hasHeader ? "" : " without a header"}`;
}

function taskText({ answers, rows }: RecognizedFile): string {
  if (answers?.kind !== "classify")
    return answers?.kind === "json" ? "the answers are JSON" : "the answers are free text";
  const shown = answers.labels.slice(0, 4).map(({ label, rows: count }) => `${label} ${count}`);
  const more = answers.labels.length > 4 ? ", ..." : "";
  return `${countOf(rows, "answer")} are ${countOf(answers.labels.length, "label")}: ${shown.join(", ")}${more}`;
}

/** The context's columns and the prompt, each with its name, in the order of the file. */
function templateOf(prompt: string, contexts: readonly string[], columns: readonly string[]): string {
  const placeable = contexts.filter((name) => /^[\p{L}\p{N}_.-]{1,128}$/u.test(name));
  return columns
    .filter((column) => column === prompt || placeable.includes(column))
    .map((column) => `${nameOf(column)}: {${column === prompt ? "prompt" : column}}`)
    .join("\n\n");
}

/** `sentence2` becomes `Sentence2`, `a.title` becomes `Title`. */
function nameOf(column: string): string {
  const last = column.split(".").findLast((step) => !/^\d+$/.test(step)) ?? column;
  return last.charAt(0).toUpperCase() + last.slice(1).replaceAll("_", " ");
}

function longestTokens({ usual }: RecognizedFile): number | null {
  const tokens = usual / charactersPerToken;
  if (tokens <= usualTokens) return null;
  return Math.min(mostTokens, 2 ** Math.ceil(Math.log2(tokens)));
}

function isWorthSkipping({ unusable, rows }: RecognizedFile): boolean {
  return unusable > 0 && unusable <= skippedShare * rows;
}

/**
 * A model as the recipe names it: a hub id as it is, a path from the recipe's folder. Nothing is looked up on a hub.
 *
 * @throws {TunewiseError} `MODEL_NOT_FOUND` for a path where nothing is, `MODEL_ID_INVALID`
 */
export function modelInRecipe(source: string, recipePath: string, cwd: string): string {
  const path = resolve(cwd, source);
  if (existsSync(path)) {
    const fromRecipe = portable(relative(dirname(recipePath), path));
    return isAbsolute(fromRecipe) || fromRecipe.startsWith(".") ? fromRecipe : `./${fromRecipe}`;
  }
  if (looksLikePath(source)) {
    const fix = "Correct the path, or give a hub id of the form owner/name";
    throw problem("MODEL_NOT_FOUND", { source, looked: "local path (nothing there)", fix });
  }
  checkHubId(source, "main");
  return source;
}

function portable(path: string): string {
  return path.split(sep).join("/");
}
