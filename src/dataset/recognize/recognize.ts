/**
 * @file What a data file holds, told from its rows: how it is packed, which columns make a row, what kind of task it
 * is.
 */

import type { Complaint } from "../complaint.ts";
import { type Container, detectContainer } from "../detect.ts";
import { converterOf } from "../formats.ts";
import { conversationField, isComplaint, isTurnList } from "../messages.ts";
import type { Fields } from "../record.ts";
import { sourceOf } from "../row-source.ts";
import { type AnswerKind, tellAnswerKind } from "./answer-kind.ts";
import { preferenceColumns } from "./column-names.ts";
import { type ColumnValues, measureColumns } from "./column-values.ts";
import { lacksHeader } from "./header.ts";
import { pickColumns } from "./pick-columns.ts";

/** How the rows of a file are to be read. */
export type RowReading =
  | { readonly kind: "chat"; readonly field: string }
  | { readonly kind: "instruction" }
  | {
      readonly kind: "pair";
      readonly prompt: string;
      readonly completion: string;
      /** Columns that belong to the question. */
      readonly contexts: readonly string[];
    }
  /** Answers that are compared: not rows to imitate. */
  | {
      readonly kind: "preference";
      readonly chosen: string;
      readonly rejected: string;
      readonly prompt: string | null;
    }
  | { readonly kind: "text-only"; readonly text: string }
  | { readonly kind: "tool-calls"; readonly rows: number }
  /** Only the user can say which columns are meant. */
  | {
      readonly kind: "unclear";
      readonly prompts: readonly string[];
      readonly completions: readonly string[];
    };

/** A data file as far as it could be told. */
export interface RecognizedFile {
  readonly container: Container;
  /** Whether a table's first line names its columns; `true` for files that are no tables. */
  readonly hasHeader: boolean;
  /** Rows that were looked at, and whether the file has more. */
  readonly rows: number;
  readonly isCut: boolean;
  readonly columns: readonly string[];
  readonly reading: RowReading;
  /** `null` where no answers could be read. */
  readonly answers: AnswerKind | null;
  /** Characters of the longest row, and of the row that 99 of 100 do not exceed. */
  readonly longest: number;
  readonly usual: number;
  /** Rows that cannot be used when read so, and why the first of them cannot. */
  readonly unusable: number;
  readonly firstReason: string | null;
}

/** Columns that the user names. */
export interface NamedColumns {
  readonly prompt: string | null;
  readonly completion: string | null;
}

/** Most rows that are looked at, and most characters of them: enough to tell, and bounded. */
const mostRows = 50_000;
const mostCharacters = 64 * 2 ** 20;

/**
 * Looks at a file and says what it is. Nothing is guessed from its name but the separator of `.tsv`.
 *
 * @param named columns that the user names; the others are found
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function recognizeFile(
  path: string,
  shown: string,
  named: NamedColumns = { prompt: null, completion: null },
): Promise<RecognizedFile> {
  const container = await detectContainer(path, shown);
  let sample = await readSample(container, path, shown, []);
  let columns = measureColumns(sample.rows);
  const names = Object.keys(sample.rows[0] ?? {});
  const hasHeader = container.kind !== "table" || !lacksHeader(columns, names);
  if (!hasHeader) {
    sample = await readSample(container, path, shown, ["column1"]);
    columns = measureColumns(sample.rows);
  }
  const reading = readingOf(sample.rows, columns, named);
  return {
    ...{ container, hasHeader, reading, columns: columns.map((one) => one.path) },
    ...{ rows: sample.rows.length + sample.complaints.length, isCut: sample.isCut },
    ...judge(sample.rows, sample.complaints, reading),
  };
}

interface Sample {
  readonly rows: readonly Fields[];
  readonly complaints: readonly Complaint[];
  readonly isCut: boolean;
}

async function readSample(
  container: Container,
  path: string,
  shown: string,
  wanted: readonly string[],
): Promise<Sample> {
  const rows: Fields[] = [];
  const complaints: Complaint[] = [];
  let characters = 0;
  for await (const batch of sourceOf(container, path, shown, wanted)) {
    for (const row of batch) {
      if (rows.length >= mostRows || characters > mostCharacters) return { rows, complaints, isCut: true };
      if (!("fields" in row)) complaints.push(row.complaint);
      else {
        rows.push(row.fields);
        characters += sizeOf(row.fields);
      }
    }
  }
  return { rows, complaints, isCut: false };
}

/** About as many characters as the row takes; what is nested counts by a fixed size. */
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
  const preference = preferenceColumns([...new Set(paths.map((path) => path.split(".")[0] ?? path))]);
  if (preference !== null && named.completion === null) {
    const [chosen, rejected] = preference;
    const rest = columns.filter(({ path }) => !path.startsWith(chosen) && !path.startsWith(rejected));
    const prompt =
      rest.find(({ path }) => /^(?:prompt|question|input|instruction|query)/i.test(path))?.path ?? null;
    return { kind: "preference", chosen, rejected, prompt };
  }
  const chat = conversationOf(rows);
  if (chat !== null) return chat;
  const [first] = rows;
  if (first && paths.includes("instruction") && paths.includes("output") && isFree(named))
    return { kind: "instruction" };
  const picked = pickColumns(narrowed(columns, named));
  if (picked.kind !== "pair") return picked;
  const unpaired = unpairedPreference(columns, picked.prompt, picked.completion);
  return (
    unpaired ?? {
      ...picked,
      prompt: named.prompt ?? picked.prompt,
      completion: named.completion ?? picked.completion,
    }
  );
}

function isFree({ prompt, completion }: NamedColumns): boolean {
  return prompt === null && completion === null;
}

/** A column that the user names is the only one of its part. */
function narrowed(columns: readonly ColumnValues[], { prompt, completion }: NamedColumns): ColumnValues[] {
  const as = (one: ColumnValues, name: string): ColumnValues => ({ ...one, path: name });
  return columns.flatMap((one) => {
    if (one.path === prompt) return [as(one, "prompt")];
    if (one.path === completion) return [as(one, "completion")];
    return [one];
  });
}

/** A conversation in most rows; one that calls tools in any row is told as such. */
function conversationOf(rows: readonly Fields[]): RowReading | null {
  const fields = rows.map((row) => {
    const name = conversationField(row);
    return name !== null && isTurnList(row[name]) ? name : null;
  });
  const found = fields.filter((name) => name !== null);
  const [field] = found;
  if (field === undefined || 2 * found.length < rows.length) return null;
  const convert = converterOf("chat", { prompt: "", completion: "" });
  const calls = rows.filter((row) => {
    const read = convert(row);
    return isComplaint(read) && read.code === "DATA_TOOL_CALLS";
  }).length;
  return calls > 0 ? { kind: "tool-calls", rows: calls } : { kind: "chat", field };
}

/** A question, an answer, and whether it was a good one: answers that were judged are no answers to imitate. */
function unpairedPreference(
  columns: readonly ColumnValues[],
  prompt: string,
  completion: string,
): RowReading | null {
  const isVerdict = ({ path, booleans }: ColumnValues): boolean =>
    booleans > 0.9 && /^(?:label|preferred|accepted|thumbs_?up|is_good|good)$/i.test(path);
  const verdict = columns.find(isVerdict);
  const judged =
    completion === verdict?.path
      ? columns.find(({ path }) => /^(?:completion|response|answer|output)$/i.test(path))
      : columns.find(({ path }) => path === completion);
  if (verdict === undefined || judged === undefined || judged.path === verdict.path) return null;
  if (!/^(?:completion|response|answer|output)$/i.test(judged.path)) return null;
  return { kind: "preference", chosen: judged.path, rejected: verdict.path, prompt };
}

/** What the rows are when read so: the answers' kind, the lengths, and how many cannot be used. */
function judge(
  rows: readonly Fields[],
  complaints: readonly Complaint[],
  reading: RowReading,
): Pick<RecognizedFile, "answers" | "longest" | "usual" | "unusable" | "firstReason"> {
  const convert = converterFor(reading);
  if (convert === null) return { answers: null, longest: 0, usual: 0, unusable: 0, firstReason: null };
  const answers: string[] = [];
  const lengths: number[] = [];
  const reasons = complaints.map(({ reason }) => reason);
  for (const row of rows) {
    const messages = convert(row);
    const answer = isComplaint(messages) ? undefined : messages.at(-1);
    if (isComplaint(messages)) reasons.push(messages.reason);
    else if (answer?.role !== "assistant" || answer.content.trim() === "") reasons.push("has no answer");
    else {
      answers.push(answer.content);
      lengths.push(messages.reduce((sum, { content }) => sum + content.length, 0));
    }
  }
  const sorted = lengths.sort((a, b) => a - b);
  return {
    answers: answers.length === 0 ? null : tellAnswerKind(answers),
    longest: sorted.at(-1) ?? 0,
    usual: sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0,
    ...{ unusable: reasons.length, firstReason: reasons[0] ?? null },
  };
}

function converterFor(reading: RowReading): ReturnType<typeof converterOf> | null {
  switch (reading.kind) {
    case "chat":
    case "instruction":
      return converterOf(reading.kind, { prompt: "", completion: "" });
    case "pair":
      return converterOf("table", reading);
    default:
      return null;
  }
}
