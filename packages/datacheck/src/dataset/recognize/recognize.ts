/** @file Recognizes the content of a data file: its container, the columns that make a row, and the kind of task. */

import { answerText, type Message } from "@tunewise/core/rows";
import type { ProblemCode } from "../../problem/index.ts";
import { type Container, containers, readContainer } from "../container.ts";
import { hasEvenColumns } from "../csv.ts";
import { detectContainer, detectUntrainable, type UntrainableRows } from "../detect.ts";
import type { SampleBy } from "../documents.ts";
import { converterOf } from "../formats.ts";
import { conversationField, isRowIssue, isTurnList, namedTurns, upToAnswer } from "../messages.ts";
import { openDataFile } from "../open-file.ts";
import type { Fields } from "../record.ts";
import type { RowIssue } from "../row-issue.ts";
import { isTextName, type SourceFile, sourceFiles } from "../source-files.ts";
import { transcriptField } from "../transcript.ts";
import { type AnswerKind, detectAnswerKind, isLabelLike } from "./answer-kind.ts";
import { instructionColumns, roleEvidence } from "./column-names.ts";
import { type ColumnValues, measureColumns } from "./column-values.ts";
import { type PickedColumns, pickColumns } from "./pick-columns.ts";

/** How to read the rows of a file: columns, rows for another kind of training, or a choice that the user must make. */
export type RowReading =
  | { readonly kind: "chat"; readonly field: string }
  | { readonly kind: "instruction" }
  | PickedColumns
  | UntrainableRows;

/** Everything recognized about a data file. */
export interface RecognizedFile {
  readonly container: Container;
  /** Whether a table has a header line; `true` for other containers. */
  readonly hasHeader: boolean;
  /** Sampled rows, and whether the file has more. */
  readonly rows: number;
  readonly isCut: boolean;
  readonly columns: readonly string[];
  readonly reading: RowReading;
  /** `null` if no answers could be read. */
  readonly answers: AnswerKind | null;
  /** Max. and 99th percentile of the row length in characters. */
  readonly longest: number;
  readonly usual: number;
  /** Rows of preference data without a chosen answer. */
  readonly unchosen: number;
  /** Number of unusable rows, and the reason of the first one. */
  readonly unusable: number;
  readonly firstReason: string | null;
  /** Unusable rows by kind of problem, the most frequent first. */
  readonly problems: readonly UnusableRows[];
  readonly turns: RecognizedTurns;
}

/** Rows that are unusable for the same reason. */
export interface UnusableRows {
  readonly code: ProblemCode;
  readonly count: number;
  /** Reason of the first one. */
  readonly reason: string;
  /** Numbers of the first ones. */
  readonly rows: readonly number[];
}

/** Answers in the usable conversations. */
export interface RecognizedTurns {
  /** Rows with more than one answer. */
  readonly rows: number;
  /** Trained answers in all rows. */
  readonly answers: number;
  /** Answers of weight 0. */
  readonly weightZero: number;
}

/** Columns named by the user. */
export interface NamedColumns {
  readonly prompt: string | null;
  readonly completion: string | null;
}

/** Max. rows and characters sampled. */
const maxRows = 50_000;
const maxCharacters = 64 * 2 ** 20;

/**
 * Recognizes a file by its content, or the files that a folder or a pattern names as one.
 *
 * @param named columns named by the user; the others are detected
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function recognizeFile(
  path: string,
  shown: string,
  named: NamedColumns = { prompt: null, completion: null },
): Promise<RecognizedFile> {
  const files = await sourceFiles(path, shown);
  const documents = await textDocuments(files);
  const container = await detectContainer(files[0]?.path ?? path, files[0]?.shown ?? shown, documents);
  let sample = await readSample(files, [], documents);
  let columns = measureColumns(sample.rows);
  const names = Object.keys(sample.rows[0] ?? {});
  const hasHeader = !containers[container.kind].mayLackHeader || !lacksHeader(columns, names);
  if (!hasHeader) {
    sample = await readSample(files, ["column1"], documents);
    columns = measureColumns(sample.rows);
  }
  const reading = readingOf(sample.rows, columns, named);
  return {
    container,
    hasHeader,
    reading,
    columns: columns.map((one) => one.path),
    rows: sample.rows.length + sample.issues.length,
    isCut: sample.isCut,
    ...summarize(sample, reading),
  };
}

/** An issue and the number of its row. */
interface NumberedIssue extends RowIssue {
  readonly row: number;
}

interface Sample {
  readonly rows: readonly Fields[];
  /** Numbers of the rows. */
  readonly numbers: readonly number[];
  readonly issues: readonly NumberedIssue[];
  readonly isCut: boolean;
}

/** With fewer files, the paragraphs or the lines of text files are the documents, since none can be held out. */
const minDocuments = 5;

/** What text files contain, if all files are text and the first one is not a table; otherwise `null`. */
async function textDocuments(files: readonly SourceFile[]): Promise<SampleBy | null> {
  const [first] = files;
  if (first === undefined || !files.every(({ path }) => isTextName(path))) return null;
  const isTable = !/\.md\b/i.test(first.path) && (await holdsTable(first));
  if (isTable) return null;
  if (files.length >= minDocuments) return "document";
  const { rows, isCut } = await readSample(files, [], "paragraph");
  return isCut || rows.length >= minDocuments ? "paragraph" : "line";
}

/** Bytes of a text file in which a table is sought. */
const tableSampleBytes = 2 ** 16;

/** Min. lines of a table without a known name in its header: two lines of prose may have as many commas. */
const minTableLines = 5;

/** Whether a text file contains rows: JSON lines, or a table with a known name as its header or with even columns. */
async function holdsTable({ path, shown }: SourceFile): Promise<boolean> {
  const container = await detectContainer(path, shown);
  if (container.kind !== "table") return true;
  const { rows } = await readSample([{ path, shown }], []);
  const names = Object.keys(rows[0] ?? {});
  const isNamed = names.some((name) => Object.values(roleEvidence(name)).some((weight) => weight >= 0.8));
  if (isNamed && names.length === 1) return true;
  return (isNamed || rows.length >= minTableLines) && (await hasColumns(path, shown));
}

async function hasColumns(path: string, shown: string): Promise<boolean> {
  const file = await openDataFile(path, shown);
  try {
    const bytes = Buffer.alloc(tableSampleBytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return hasEvenColumns(bytes.toString("utf8", 0, bytesRead));
  } finally {
    await file.close();
  }
}

async function readSample(
  files: readonly SourceFile[],
  wanted: readonly string[],
  documents: SampleBy | null = null,
): Promise<Sample> {
  const rows: Fields[] = [];
  const numbers: number[] = [];
  const issues: NumberedIssue[] = [];
  let characters = 0;
  for (const { path, shown } of files) {
    const container = await detectContainer(path, shown, documents);
    for await (const batch of readContainer(container, path, shown, wanted)) {
      for (const row of batch) {
        if (rows.length >= maxRows || characters > maxCharacters)
          return { rows, numbers, issues, isCut: true };
        if (!("fields" in row)) issues.push({ ...row.issue, row: row.at.row });
        else {
          rows.push(row.fields);
          numbers.push(row.at.row);
          characters += sizeOf(row.fields);
        }
      }
    }
  }
  return { rows, numbers, issues, isCut: false };
}

/** Approximate size of a row in characters; nested values count a fixed size. */
function sizeOf(fields: Fields): number {
  return Object.values(fields).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 500),
    0,
  );
}

function readingOf(
  rows: readonly Fields[],
  columns: readonly ColumnValues[],
  named: NamedColumns,
): RowReading {
  if (named.prompt !== null && named.completion !== null)
    return { kind: "pair", prompt: named.prompt, completion: named.completion, contexts: [] };
  const paths = columns.map(({ path }) => path);
  const preference = named.completion === null ? preferenceOf(rows) : null;
  if (preference !== null) return preference;
  const chat = conversationOf(rows);
  if (chat !== null) return chat;
  const instruction = isFree(named) ? instructionColumns(paths) : null;
  // contexts other than an input precede the question, under their names
  const isAlpaca = instruction?.output === "output" || /^inputs?(?:_?text)?$/i.test(instruction?.input ?? "");
  if (rows.length > 0 && instruction !== null && isAlpaca) return { kind: "instruction" };
  const picked = pickColumns(narrowed(columns, named));
  if (picked.kind !== "pair") return transcriptsOf(rows) ?? picked;
  return {
    ...picked,
    prompt: named.prompt ?? picked.prompt,
    completion: named.completion ?? picked.completion,
  };
}

function isFree({ prompt, completion }: NamedColumns): boolean {
  return prompt === null && completion === null;
}

/** Renames the user's columns so that they win their role. */
function narrowed(columns: readonly ColumnValues[], { prompt, completion }: NamedColumns): ColumnValues[] {
  const as = (one: ColumnValues, name: string): ColumnValues => ({ ...one, path: name });
  return columns.flatMap((one) => {
    if (one.path === prompt) return [as(one, "prompt")];
    if (one.path === completion) return [as(one, "completion")];
    return [one];
  });
}

/** A conversation, if most rows have one. */
function conversationOf(rows: readonly Fields[]): RowReading | null {
  const fields = rows.map((row) => {
    const name = conversationField(row);
    return name !== null && isTurnList(namedTurns(row[name])) ? name : null;
  });
  const found = fields.filter((name) => name !== null);
  const [field] = found;
  if (field === undefined || 2 * found.length < rows.length) return null;
  return { kind: "chat", field };
}

/** Conversations in one text, if most rows have one. */
function transcriptsOf(rows: readonly Fields[]): RowReading | null {
  const found = rows.map(transcriptField).filter((name) => name !== null);
  const [field] = found;
  return field === undefined || 2 * found.length < rows.length ? null : { kind: "chat", field };
}

/** Rated answers, if most rows have some. Rejected answers are not examples to imitate. */
function preferenceOf(rows: readonly Fields[]): RowReading | null {
  const found = rows.map(detectUntrainable).filter((one) => one?.kind === "preference");
  return 2 * found.length > rows.length ? (found[0] ?? null) : null;
}

/** Summarizes the rows under an interpretation: kind of answers, lengths, and unusable rows. */
function summarize(
  { rows, numbers, issues }: Sample,
  reading: RowReading,
): Omit<RecognizedFile, "container" | "hasHeader" | "rows" | "isCut" | "columns" | "reading"> {
  const convert = converterFor(reading);
  const found = [...issues];
  const answers: string[] = [];
  const lengths: number[] = [];
  const turns = { rows: 0, answers: 0, weightZero: 0 };
  let unchosen = 0;
  for (const [at, row] of convert === null ? [] : rows.entries()) {
    const read = convert?.(row) ?? { messages: [] };
    if (isRowIssue(read)) {
      found.push({ ...read, row: numbers[at] ?? 0 });
      continue;
    }
    if (read.notChosen !== undefined) {
      unchosen++;
      continue;
    }
    if (read.isDocument === true) {
      lengths.push(read.messages[0]?.content.length ?? 0);
      continue;
    }
    const { messages } = upToAnswer(read.messages);
    const [answer, issue] = [messages.at(-1), issueOf(messages)];
    if (issue !== null || answer === undefined) {
      found.push({ ...(issue ?? noAnswer), row: numbers[at] ?? 0 });
      continue;
    }
    answers.push(answerText(answer));
    lengths.push(read.messages.reduce((sum, message) => sum + answerText(message).length, 0));
    const own = read.messages.filter((turn) => turn.role === "assistant" && answerText(turn).trim() !== "");
    const weightZero = own.filter(({ weight }) => weight === 0).length;
    turns.rows += own.length > 1 ? 1 : 0;
    turns.answers += own.length - weightZero;
    turns.weightZero += weightZero;
  }
  const sorted = lengths.sort((a, b) => a - b);
  const known = convert === null ? [] : found;
  return {
    answers: answers.length === 0 ? null : detectAnswerKind(answers),
    longest: sorted.at(-1) ?? 0,
    usual: sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0,
    unchosen,
    unusable: known.length,
    firstReason: known[0]?.reason ?? null,
    problems: problemsOf(known),
    turns,
  };
}

const noAnswer: RowIssue = { code: "DATA_ANSWER_MISSING", reason: "has no answer" };

const noPrompt: RowIssue = { code: "DATA_PROMPT_EMPTY", reason: "has no prompt" };

function issueOf(messages: readonly Message[]): RowIssue | null {
  const answer = messages.at(-1);
  if (answer?.role !== "assistant") return noAnswer;
  if (answerText(answer).trim() === "") return { code: "DATA_ANSWER_EMPTY", reason: "has no answer" };
  return messages.some(({ role }, at) => role !== "system" && at < messages.length - 1) ? null : noPrompt;
}

/** Max. row numbers listed per kind of problem. */
const rowsListed = 5;

function problemsOf(issues: readonly NumberedIssue[]): UnusableRows[] {
  const byCode = new Map<ProblemCode, { code: ProblemCode; count: number; reason: string; rows: number[] }>();
  for (const { code, reason, row } of issues) {
    const known = byCode.get(code) ?? { code, count: 0, reason, rows: [] };
    known.count++;
    if (known.rows.length < rowsListed) known.rows.push(row);
    byCode.set(code, known);
  }
  return [...byCode.values()].sort((a, b) => b.count - a.count);
}

function converterFor(reading: RowReading): ReturnType<typeof converterOf> | null {
  switch (reading.kind) {
    case "chat":
    case "instruction":
      return converterOf(reading.kind, { prompt: "", completion: "" });
    case "pair":
      return converterOf("table", reading);
    case "text-only":
      return converterOf("text", { prompt: "", completion: reading.text });
    case "preference":
      return reading.isDecided ? converterOf("preference", { prompt: "", completion: "" }) : null;
    default:
      return null;
  }
}

/** Names with more words are sentences. */
const nameWords = 5;

/**
 * Whether the first line of a table is a row: some name is a sentence, a number or a value of its own column, and no
 * name is known.
 *
 * @param columns statistics of the columns, with the first line read as the header
 */
function lacksHeader(columns: readonly ColumnValues[], names: readonly string[]): boolean {
  const isKnown = names.some((name) => Object.values(roleEvidence(name)).some((weight) => weight >= 0.8));
  if (isKnown) return false;
  if (names.length === 1) return true; // lines of text: no separator, and no known column name in the first line
  return names.some((name) => {
    const column = columns.find(({ path }) => path === name);
    const isSentence = name.split(/\s+/).length > nameWords || /[.!?]$/.test(name);
    const isNumber = /^-?\d{1,15}(?:\.\d{1,15})?$/.test(name);
    const isValue = column !== undefined && isLabelLike(name) && column.samples.includes(name);
    return isSentence || isNumber || isValue;
  });
}
