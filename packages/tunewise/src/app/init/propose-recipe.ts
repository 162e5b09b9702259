/** @file Proposes recipe settings from the data, with reasons. */

import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import { containers, type RecognizedFile } from "@tunewise/datacheck/dataset";
import { checkHubId, looksLikePath } from "../../hub/index.ts";
import { type ProblemCode, problem } from "../../problem/index.ts";
import type { RecipeChoices } from "../../recipe/index.ts";
import type { Proposal } from "./default-choices.ts";
import type { InspectedData } from "./inspect-data.ts";

/** Assumed characters per token without a tokenizer. The value is low, so that lengths are overestimated. */
const charactersPerToken = 3;
/** The recipe's default `max_length`, and the maximum proposal. */
const defaultTokens = 1024;
const maxProposedTokens = 8192;
/** Maximum fraction of unusable rows that is skipped with a note. Above it the user decides. */
const skippedShare = 0.05;

/** Recipe settings derived from the data. */
export interface DataProposal {
  readonly choices: Pick<
    RecipeChoices,
    | "train"
    | "validation"
    | "test"
    | "columns"
    | "answers"
    | "textColumn"
    | "sampleBy"
    | "promptTemplate"
    | "maxLength"
    | "badRows"
    | "trainOn"
    | "recorded"
    | "kind"
  >;
  readonly proposals: readonly Proposal[];
}

/**
 * Derives settings from the data.
 *
 * @param recipePath absolute path of the recipe; paths are written relative to its folder
 * @param cwd folder that the file names are relative to
 * @param kind task kind chosen by the user; `null` to infer it from the answers
 */
export function proposeData(
  data: InspectedData,
  recipePath: string,
  cwd: string,
  kind: RecipeChoices["kind"] | null,
): DataProposal {
  const { files, train } = data;
  const inRecipe = (path: string): string =>
    portable(relative(dirname(recipePath), resolve(cwd, path))) + (path.endsWith("/") ? "/" : "");
  const isText = kind === null ? hasTexts(train) : kind === "language-modeling";
  const pair = train.reading.kind === "pair" && !isText ? train.reading : null;
  const columns = pair === null ? null : columnsIn(pair);
  const task = kind ?? (isText ? "language-modeling" : (train.answers?.kind ?? "text"));
  const maxLength = isText ? null : longestTokens(train);
  const choices: DataProposal["choices"] = {
    train: inRecipe(files.train),
    validation: data.validation && files.validation !== null ? inRecipe(files.validation) : null,
    test: data.test && files.test !== null ? inRecipe(files.test) : null,
    columns,
    answers: train.reading.kind === "preference" && !isText ? "chosen" : null,
    textColumn: isText ? namedColumn(train) : null,
    sampleBy: isText ? unusualSample(train) : null,
    promptTemplate:
      pair === null || pair.contexts.length === 0
        ? null
        : templateOf(pair.prompt, pair.contexts, train.columns),
    maxLength,
    badRows: isWorthSkipping(train) ? "skip" : null,
    // each recorded call is a row, so an earlier answer of a conversation has a row of its own
    trainOn: train.reading.kind === "chat" && !isText ? (isRecorded(train) ? "last" : "all") : null,
    recorded: isRecorded(train),
    kind: task,
  };
  return { choices, proposals: proposalsOf(choices, data, kind !== null) };
}

function proposalsOf(
  choices: DataProposal["choices"],
  data: InspectedData,
  isUserChoice: boolean,
): Proposal[] {
  const { train } = data;
  const list: Proposal[] = [{ key: "data.train", value: choices.train, why: rowsText(train) }];
  const add = (key: string, value: string | number | null, why: string): void => {
    if (value !== null) list.push({ key, value, why });
  };
  add("data.validation", choices.validation, data.validation ? rowsText(data.validation) : "");
  add("data.test", choices.test, data.test ? rowsText(data.test) : "");
  if (choices.columns !== null)
    add("data.columns", columnsText(choices.columns), "by their names and values");
  add("data.answers", choices.answers, chosenText(train));
  add("data.text_column", choices.textColumn, "the only column with text");
  add("data.sample_by", choices.sampleBy, "one document could not be divided into training and test rows");
  add("data.prompt_template", choices.promptTemplate, "the other columns belong to the question");
  if (choices.recorded) {
    list.push(
      { key: "data.split.by", value: "time", why: "recorded calls: the latest are tested" },
      { key: "data.time", value: "time", why: "when a call was made" },
      { key: "data.group", value: "group", why: "the user or conversation, which no split divides" },
    );
  }
  add("data.train_on", choices.trainOn, choices.recorded ? recordedText : turnsText(train));
  add("data.max_length", choices.maxLength, `the longest row has ${countOf(train.longest, "character")}`);
  if (choices.badRows !== null) add("data.bad_rows", choices.badRows, unusableText(train));
  add("task.kind", choices.kind, isUserChoice ? "as you said" : taskText(train));
  if (choices.kind === "language-modeling")
    add(
      "training.batching",
      "pack",
      "documents of different lengths share a block; attention does not cross them",
    );
  return list;
}

type Columns = NonNullable<RecipeChoices["columns"]>;

function columnsIn({ prompt, completion, reasoning }: Columns): Columns {
  return reasoning === undefined ? { prompt, completion } : { prompt, completion, reasoning };
}

/** For example `Question -> Complex_CoT -> Response`. */
function columnsText({ prompt, completion, reasoning }: Columns): string {
  return (reasoning === undefined ? [prompt, completion] : [prompt, reasoning, completion]).join(" -> ");
}

/** The column of the documents, unless the reader finds it by its name. */
function namedColumn({ reading, container }: RecognizedFile): string | null {
  if (container.kind === "document") return null;
  const column =
    reading.kind === "text-only" ? reading.text : reading.kind === "pair" ? reading.prompt : "text";
  return column === "text" ? null : column;
}

function hasTexts({ reading }: RecognizedFile): boolean {
  return reading.kind === "text-only";
}

/** What text files contain, unless each is one document. */
function unusualSample({ container }: RecognizedFile): RecipeChoices["sampleBy"] {
  return container.kind === "document" && container.sampleBy !== "document" ? container.sampleBy : null;
}

const recordedText = "a recorded call has one answer of the model; those before it have rows of their own";

/** Whether the rows are calls that `tunewise record` wrote. */
function isRecorded({ columns, reading }: RecognizedFile): boolean {
  return reading.kind === "chat" && ["recorder", "time", "group"].every((name) => columns.includes(name));
}

/** For example `60 rows, CSV in Windows-1252`. */
export function rowsText({ rows, isCut, container, hasHeader }: RecognizedFile): string {
  const count = `${isCut ? "over " : ""}${rows} ${rows === 1 ? "row" : "rows"}`;
  const marks: Readonly<Record<string, string>> = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "pipes",
  };
  const separated =
    container.kind === "table" ? ` with ${marks[container.separator] ?? container.separator}` : "";
  const encoding =
    "encoding" in container && container.encoding !== "utf-8" ? ` in ${container.encoding}` : "";
  const packed =
    "compression" in container && container.compression !== null ? `, ${container.compression}` : "";
  const sheet = container.kind === "xlsx" ? `, sheet ${container.sheet}` : "";
  return `${count} of ${containers[container.kind].title}${separated}${encoding}${packed}${sheet}${hasHeader ? "" : " without a header"}`;
}

/** Explains what is trained of preference data. */
function chosenText({ rows, unusable, unchosen }: RecognizedFile): string {
  const chosen = countOf(rows - unusable - unchosen, "row");
  const others = unchosen === 0 ? "" : `; ${countOf(unchosen, "row")} without one are not`;
  return `preference data: training on preferences is not available yet, so the chosen answers are imitated (SFT), of ${chosen}${others}`;
}

/** Explains why all answers are trained, and what the alternative would do. */
function turnsText({ turns, rows, unusable }: RecognizedFile): string {
  const weights =
    turns.weightZero === 0 ? "" : `; ${countOf(turns.weightZero, "answer")} of weight 0 stay context`;
  if (turns.rows === 0 && weights === "")
    return "every answer of a conversation is trained; these have one each";
  const usable = countOf(rows - unusable, "row");
  return `every answer is trained, ${turns.answers} in ${usable}${weights}; \`last\` trains only the last of each`;
}

/** For example `2 of 102 rows cannot be used: rows 17, 63 (messages[1].tool_calls asks for a tool)`. */
export function unusableText({ unusable, rows, problems }: RecognizedFile): string {
  const kinds = problems.map((kind) => {
    const more = kind.count > kind.rows.length ? " ..." : "";
    return `${kind.count === 1 ? "row" : "rows"} ${kind.rows.join(", ")}${more} (${kind.reason})`;
  });
  return `${unusable} of ${countOf(rows, "row")} cannot be used: ${kinds.join("; ")}`;
}

const taskTexts = {
  json: "the answers are JSON",
  tools: "answers call tools",
  text: "the answers are free text",
};

function taskText({ answers, rows, reading }: RecognizedFile): string {
  if (reading.kind === "text-only")
    return "text without prompts and answers: continued pre-training, which teaches a domain's language and not a task";
  if (answers?.kind !== "classify") return taskTexts[answers?.kind ?? "text"];
  const shown = answers.labels.slice(0, 4).map(({ label, rows: count }) => `${label} ${count}`);
  const more = answers.labels.length > 4 ? ", ..." : "";
  return `${countOf(rows, "answer")} are ${countOf(answers.labels.length, "label")}: ${shown.join(", ")}${more}`;
}

/** Prompt template with the name of each context column, in the order of the file. */
function templateOf(prompt: string, contexts: readonly string[], columns: readonly string[]): string {
  const placeable = contexts.filter((name) => /^[\p{L}\p{N}_.-]{1,128}$/u.test(name));
  return columns
    .filter((column) => column === prompt || placeable.includes(column))
    .map((column) => `${nameOf(column)}: {${column === prompt ? "prompt" : column}}`)
    .join("\n\n");
}

/** For example, `sentence2` becomes `Sentence2`, and `a.title` becomes `Title`. */
function nameOf(column: string): string {
  const last = column.split(".").findLast((step) => !/^\d+$/.test(step)) ?? column;
  return last.charAt(0).toUpperCase() + last.slice(1).replaceAll("_", " ");
}

function longestTokens({ usual }: RecognizedFile): number | null {
  const tokens = usual / charactersPerToken;
  if (tokens <= defaultTokens) return null;
  return Math.min(maxProposedTokens, 2 ** Math.ceil(Math.log2(tokens)));
}

/** Problems of rows that tunewise does not train on. They are not faults of the file, so any number is skipped. */
const notTrained: readonly ProblemCode[] = ["DATA_MEDIA"];

function isWorthSkipping({ unusable, rows, problems }: RecognizedFile): boolean {
  const faulty = problems.reduce((sum, { code, count }) => sum + (notTrained.includes(code) ? 0 : count), 0);
  return unusable > 0 && faulty <= skippedShare * rows;
}

/**
 * Names a model for the recipe: by hub id, or by a path relative to the recipe's folder. Does not query the hub.
 *
 * @throws {TunewiseError} `MODEL_NOT_FOUND` for a missing path, `MODEL_ID_INVALID`
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
