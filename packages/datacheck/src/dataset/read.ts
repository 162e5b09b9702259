/** @file Reads a data file of any supported kind into examples, and reports unusable rows. */

import { countOf } from "@tunewise/core/quantity";
import { answerText, collectRowIssues, type Example, locationOf, type Message } from "@tunewise/core/rows";
import { type Finding, findingOf, type Place, problem } from "../problem/index.ts";
import { type Container, containers, readContainer } from "./container.ts";
import {
  type DetectedFormat,
  detectContainer,
  detectFormat,
  detectUntrainable,
  plainLines,
  textColumnOf,
  untrainableRows,
  usualColumns,
} from "./detect.ts";
import { documentField, type SampleBy } from "./documents.ts";
import { EmptyInputs } from "./empty-inputs.ts";
import { converterOf, type RowConverter, type RowFormat } from "./formats.ts";
import { MAX_ROWS } from "./limits.ts";
import { isRowIssue, upToAnswer } from "./messages.ts";
import type { ConvertedRow } from "./preference/preference-row.ts";
import { UnchosenRows } from "./preference/unchosen-rows.ts";
import type { ColumnPair } from "./recognize/column-names.ts";
import { type Fields, fieldOf, type RowSource, valueAt } from "./record.ts";
import type { RowIssue, RowIssues } from "./row-issue.ts";
import { columnsOf } from "./row-source.ts";

/** How to interpret the rows of a file; named like the recipe's data section. */
export interface ReadOptions extends OriginColumns {
  readonly format: "auto" | RowFormat;
  /** Columns of prompt and completion, for `table`. */
  readonly columns: ColumnPair | null;
  /** `chosen`: preference rows are read as their chosen answers; otherwise they are refused. */
  readonly answers?: "chosen" | null;
  /** Column of the documents, for `text`; `null`: `text`, otherwise the only column with text. */
  readonly textColumn?: string | null;
  /** What a text file contains, for `text`. Default: one document. */
  readonly sampleBy?: SampleBy;
  /** System message for rows that have none; `null`: none. */
  readonly system: string | null;
  /** See `readPromptTemplate`. */
  readonly promptTemplate: string;
  /** `strip`: the reasoning of answers is removed. Default: kept. */
  readonly reasoning?: "train" | "mask" | "strip";
  /** `error`: unusable rows block a run; `skip`: they are warnings. */
  readonly badRows: "error" | "skip";
}

/** Usable rows of a file, and findings about the others. */
export interface ReadResult {
  /** Records of the file, usable or not. */
  readonly rows: number;
  readonly examples: readonly Example[];
  readonly findings: readonly Finding[];
  /** Issues of unusable records by record number; excludes records that could not be read at all. */
  readonly unusable: ReadonlyMap<number, RowIssue>;
}

/**
 * Reads the examples of a file in any format of `container.ts`, detected by content.
 *
 * A bad row never aborts reading and is never skipped silently: each code yields one finding with its count and first
 * locations. Findings: `DATA_JSON_INVALID`, `DATA_ROW_NOT_OBJECT`, `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`,
 * `DATA_CSV_INVALID`, `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`, `DATA_FIELD_TOO_LONG`, `DATA_TEXT_INVALID`,
 * `DATA_ROLE_UNKNOWN`, `DATA_WEIGHT_INVALID`, `DATA_TOOL_CALL_INVALID`, `DATA_TOOLS_INVALID`,
 * `DATA_MEDIA`, `DATA_ANSWER_MISSING`,
 * `DATA_NOTHING_TRAINED`, `DATA_INPUT_PLACEHOLDER`, `DATA_ANSWER_NOT_CHOSEN`, `DATA_ANSWER_EMPTY`, `DATA_PROMPT_EMPTY`,
 * `DATA_PLACEHOLDER_UNKNOWN`, and the notes `DATA_FORMAT_DETECTED` and `DATA_REASONING_STRIPPED`.
 *
 * @param path path to open
 * @param shown file name as written in the recipe, used in examples and messages
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`, `DATA_FORMAT_UNKNOWN`,
 *   `DATA_PREFERENCE_PAIRS`, `DATA_TEXT_ONLY`, `DATA_COLUMN_MISSING`, `DATA_TEXT_COLUMN_MISSING`
 */
export async function readExamples(path: string, shown: string, options: ReadOptions): Promise<ReadResult> {
  const { rows, examples, issues, unusable, note } = await readOneFile(path, shown, options);
  const findings = [...issues.findings(), ...absentColumns(shown, originsOf(examples), options)];
  if (note !== null) findings.unshift(note);
  return { rows, examples, findings, unusable };
}

/** Rows of a file, and the note about its format; `null` if the recipe states the format. */
export interface ReadFile extends GatheredExamples {
  readonly note: Finding | null;
}

/**
 * Reads a file without wording its findings, so that those of several files can be merged.
 *
 * @throws {TunewiseError} those of `readExamples`
 */
export async function readOneFile(path: string, shown: string, options: ReadOptions): Promise<ReadFile> {
  const container = await detectContainer(path, shown, documentsIn(options));
  const source = readContainer(container, path, shown, columnsOf(options.columns));
  const gathered = await gatherExamples(source, shown, options, (fields) =>
    settleFormat(fields, container, options, shown),
  );
  const { format } = gathered;
  const isNoted = format !== null && options.format === "auto";
  return { ...gathered, note: isNoted ? detectedNote(shown, container, format, options) : null };
}

/** What text files contain: documents with the format `text`, otherwise tables (`null`). */
export function documentsIn({
  format,
  sampleBy = "document",
}: Pick<ReadOptions, "format" | "sampleBy">): SampleBy | null {
  return format === "text" ? sampleBy : null;
}

/** Counts usable rows with a group and a time. */
export function originsOf(examples: readonly Example[]): OriginCounts {
  const count = (of: "group" | "time"): number =>
    examples.reduce((sum, one) => sum + (one[of] === undefined ? 0 : 1), 0);
  return { rows: examples.length, group: count("group"), time: count("time") };
}

/** Rows of a file or of a part of it. */
export interface GatheredExamples extends Pick<ReadResult, "rows" | "examples" | "unusable"> {
  readonly issues: RowIssues;
  /** `null` if no row has fields. */
  readonly format: DetectedFormat | null;
}

/**
 * Converts rows to examples.
 *
 * @param settle resolves the format from the first row with fields
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` for too many rows, and what `settle` throws
 */
export async function gatherExamples(
  source: RowSource,
  shown: string,
  options: ReadOptions,
  settle: (fields: Fields) => DetectedFormat,
): Promise<GatheredExamples> {
  const issues = collectRowIssues(options.badRows === "error" ? "error" : "warning", findingOf);
  const template = readPromptTemplate(options.promptTemplate);
  const examples: Example[] = [];
  const emptyInputs = new EmptyInputs();
  const unchosen = new UnchosenRows();
  const unusable = new Map<number, RowIssue>();
  let format: DetectedFormat | null = null;
  let convert: RowConverter = () => ({ messages: [] });
  let rows = 0;
  for await (const batch of source) {
    rows += batch.length;
    if (rows > MAX_ROWS) {
      throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: `it has more than ${MAX_ROWS} rows` });
    }
    for (const row of batch) {
      const place = { file: shown, ...row.at };
      if (!("fields" in row)) {
        issues.add(row.issue, place);
        continue;
      }
      if (format === null) {
        format = settle(row.fields);
        convert = converterOf(format.format, format.columns);
      }
      const shape = (fields: Fields) => convertRow(fields, convert, options.system, template);
      const without = format.format === "instruction" ? emptyInputs.without(row.fields) : null;
      const read = shape(without?.isSure ? without.fields : row.fields);
      if (isRowIssue(read)) {
        issues.add(read, place);
        unusable.set(row.at.row, read);
      } else if (read.notChosen !== undefined) {
        unchosen.add({ ...read, ...place }, read.notChosen, issues);
      } else {
        examples.push({ ...read, file: shown, ...row.at, ...originOf(row.fields, options) });
        const instead = without && shape(without.fields);
        if (instead && !isRowIssue(instead)) emptyInputs.add(without, examples.length - 1, instead, place);
      }
      noteUnknownPlaceholder(row.fields, template, issues, place);
    }
  }
  emptyInputs.settle(examples, issues);
  unchosen.settle(examples);
  if (options.reasoning === "strip") stripReasoning(examples, issues);
  return { rows, examples, issues, unusable, format };
}

/** Number of usable rows, and how many of them have a group and a time. */
export interface OriginCounts {
  readonly rows: number;
  readonly group: number;
  readonly time: number;
}

/** Warns about group and time columns without any value. */
export function absentColumns(file: string, values: OriginCounts, { group, time }: OriginColumns): Finding[] {
  const absent = [
    ...(group !== null && values.group === 0 ? [`group: ${group}`] : []),
    ...(time !== null && values.time === 0 ? [`time: ${time}`] : []),
  ];
  return absent.map((column) =>
    findingOf("DATA_ORIGIN_UNKNOWN", "warning", { file, column }, [{ file }], values.rows),
  );
}

/**
 * The format from the recipe, or detected from the first row's fields.
 *
 * @throws {TunewiseError} `DATA_COLUMN_MISSING`, `DATA_FORMAT_UNKNOWN`, `DATA_PREFERENCE_PAIRS`, `DATA_TEXT_ONLY`,
 *   `DATA_TEXT_COLUMN_MISSING`
 */
export function settleFormat(
  fields: Fields,
  container: Container,
  options: ReadOptions,
  shown: string,
): DetectedFormat {
  const { format, columns } = options;
  if (format === "text") return { format, columns: textColumns(fields, container, options, shown) };
  const detected = detectFormat(fields);
  if (format === "chat" || format === "instruction") return { format, columns: usualColumns };
  if (columns !== null) {
    // A table's header applies to all rows; in JSONL each row has its own fields.
    const missing = columnsOf(columns).find((name) => valueAt(fields, name) === undefined);
    if (missing !== undefined && containers[container.kind].hasColumns) {
      throw problem("DATA_COLUMN_MISSING", { file: shown, column: missing, columns: namesOf(fields) });
    }
    return { format: format === "auto" ? "table" : format, columns };
  }
  if (format === "prompt-completion") {
    return { format, columns: detected?.format === format ? detected.columns : usualColumns };
  }
  if (format === "table" && detected?.format === "prompt-completion") return { ...detected, format };
  const other = detectUntrainable(fields) ?? plainLines(fields, container);
  if (other?.kind === "preference" && other.isDecided && options.answers === "chosen")
    return { format: "preference", columns: usualColumns };
  const isRefused = format === "preference" ? other?.kind === "preference" : detected?.format !== "chat";
  if (format !== "table" && other !== null && isRefused) throw untrainableRows(shown, other);
  if (detected === null || format !== "auto") {
    throw problem("DATA_FORMAT_UNKNOWN", { file: shown, columns: namesOf(fields) });
  }
  return detected;
}

/**
 * The column of the documents, as that of the completion.
 *
 * @throws {TunewiseError} `DATA_TEXT_COLUMN_MISSING`
 */
function textColumns(
  fields: Fields,
  container: Container,
  { textColumn = null }: ReadOptions,
  shown: string,
): ColumnPair {
  const column = container.kind === "document" ? documentField : (textColumn ?? textColumnOf(fields));
  if (column !== null && (valueAt(fields, column) !== undefined || !containers[container.kind].hasColumns))
    return { prompt: "", completion: column };
  throw problem("DATA_TEXT_COLUMN_MISSING", {
    file: shown,
    column: textColumn ?? "text",
    columns: namesOf(fields),
    fix: Object.keys(fields)[0] ?? "NAME",
  });
}

function namesOf(fields: Fields): string {
  const names = Object.keys(fields);
  const more = names.length > 12 ? `, and ${names.length - 12} more` : "";
  return names.slice(0, 12).join(", ").slice(0, 400) + more;
}

/** Converts a row into messages that end with the answer, with system message and prompt template applied. */
function convertRow(
  fields: Fields,
  convert: RowConverter,
  system: string | null,
  template: PromptTemplate,
): (ConvertedRow & Pick<Example, "turnsBehind">) | RowIssue {
  const read = convert(fields);
  if (isRowIssue(read)) return read;
  if (read.isDocument === true) return read;
  const { messages: trained, ...behind } = upToAnswer(read.messages);
  const unusable = read.notChosen === undefined ? checkMessages(trained, read.messages) : null;
  if (unusable !== null) return unusable;
  const messages = template.apply(trained, fields);
  const others = { ...read, ...behind };
  if (system === null || messages[0]?.role === "system") return { ...others, messages };
  return { ...others, messages: [{ role: "system", content: system }, ...messages] };
}

/** Removes the reasoning of all turns, and notes the rows that had some. */
function stripReasoning(examples: Example[], issues: RowIssues): void {
  for (const [at, example] of examples.entries()) {
    const turns = example.messages.filter(({ reasoning }) => reasoning !== undefined).length;
    if (turns === 0) continue;
    const reason = `${countOf(turns, "turn")} with reasoning`;
    issues.add({ code: "DATA_REASONING_STRIPPED", reason }, locationOf(example), "note");
    const messages = example.messages.map(({ reasoning: _, ...message }) => message);
    examples[at] = { ...example, messages };
  }
}

function checkMessages(messages: readonly Message[], whole: readonly Message[]): RowIssue | null {
  const answer = messages.at(-1);
  if (answer === undefined) {
    const turns = countOf(whole.length, "message");
    return whole.length === 0
      ? { code: "DATA_ANSWER_MISSING", reason: "has no messages" }
      : { code: "DATA_NOTHING_TRAINED", reason: `none of its ${turns} is an assistant turn with weight 1` };
  }
  if (answer.role !== "assistant") {
    return { code: "DATA_ANSWER_MISSING", reason: `ends with the role ${answer.role}, not assistant` };
  }
  if (answerText(answer).trim() === "") return { code: "DATA_ANSWER_EMPTY", reason: "the answer is empty" };
  const asked = messages.slice(0, -1).some(({ role, content }) => role !== "system" && content.trim() !== "");
  return asked ? null : { code: "DATA_PROMPT_EMPTY", reason: "no prompt precedes the answer" };
}

function noteUnknownPlaceholder(
  fields: Fields,
  template: PromptTemplate,
  issues: RowIssues,
  place: Place,
): void {
  const unknown = template.columns.find((name) => valueAt(fields, name) === undefined);
  if (unknown === undefined) return;
  const reason = `has no column ${unknown}, which prompt_template names`;
  issues.add({ code: "DATA_PLACEHOLDER_UNKNOWN", reason }, place, "warning");
}

/** A note about the detected format. */
export function detectedNote(
  file: string,
  container: Container,
  { format, columns }: DetectedFormat,
  options: ReadOptions,
): Finding {
  const pair = format === "prompt-completion" || format === "table";
  const what = pair ? `${format} (${columns.prompt} -> ${columns.completion})` : format;
  const kind = containerText(container);
  const from = options.columns === null ? "by its fields" : "by data.columns";
  return findingOf("DATA_FORMAT_DETECTED", "note", { file, kind, format: what, from }, [{ file }], 1);
}

/** The container with what distinguishes it, such as `JSONL, gzip` or `XLSX (sheet Rows; not read: Notes)`. */
function containerText(container: Container): string {
  const name = container.kind === "table" ? "table" : container.kind.toUpperCase();
  if (container.kind === "xlsx") {
    const others = container.otherSheets.slice(0, maxSheetsNamed).join(", ");
    return `${name} (sheet ${container.sheet}${others === "" ? "" : `; not read: ${others}`})`;
  }
  return "compression" in container && container.compression !== null
    ? `${name}, ${container.compression}`
    : name;
}

/** Max. sheets named in a note. */
const maxSheetsNamed = 5;

/** Columns that identify a row's group and time; `null`: none. */
interface OriginColumns {
  readonly group: string | null;
  readonly time: string | null;
}

/** Max. length of a group name; longer values are ignored. */
const maxGroupLength = 1_000;

/** Reads the group and time of a row; missing values are omitted. */
export function originOf(fields: Fields, { group, time }: OriginColumns): { group?: string; time?: number } {
  const name = group === null ? null : groupName(fieldOf(fields, group));
  const at = time === null ? null : timeOf(fieldOf(fields, time));
  return { ...(name === null ? {} : { group: name }), ...(at === null ? {} : { time: at }) };
}

function groupName(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  if (typeof value !== "string") return null;
  const name = value.trim();
  return name === "" || name.length > maxGroupLength ? null : name;
}

/**
 * Smaller numbers are seconds, others milliseconds: the limit is the year 5138 in seconds, March 1973 in milliseconds.
 */
const secondsBelow = 1e11;

/** Parses a date, or a number of seconds or milliseconds, into milliseconds since 1970; `null` if it is neither. */
export function timeOf(value: unknown): number | null {
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value === "bigint") return timeOf(Number(value));
  if (typeof value === "number") return finite(Math.abs(value) < secondsBelow ? value * 1000 : value);
  if (typeof value !== "string" || value.length > 64) return null;
  const text = value.trim();
  if (/^-?\d{9,13}(\.\d{1,9})?$/.test(text)) return timeOf(Number(text));
  return finite(Date.parse(text));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A template parsed once and filled for each row. */
interface PromptTemplate {
  /** Placeholders other than `{prompt}`. */
  readonly columns: readonly string[];
  /** Applies the template to the last user message; returns the same list if nothing changes. */
  apply(messages: readonly Message[], fields: Fields): readonly Message[];
}

/**
 * Parses a template. Only `{name}` with letters, digits, `_`, `-` and `.` is a placeholder, so JSON in a template
 * remains unchanged. A name that the row lacks is kept verbatim.
 */
function readPromptTemplate(template: string): PromptTemplate {
  // Odd parts are names. Joining parts keeps braces in the data from being replaced.
  const parts = template.split(/\{([\p{L}\p{N}_.-]{1,128})\}/u);
  const names = parts.filter((_, index) => index % 2 === 1);
  const fill = (prompt: string, fields: Fields): string =>
    parts.map((part, index) => (index % 2 === 0 ? part : placeholderValue(part, prompt, fields))).join("");
  return {
    columns: [...new Set(names)].filter((name) => name !== "prompt"),
    apply(messages, fields): readonly Message[] {
      if (template === "{prompt}") return messages;
      const last = messages.findLastIndex(({ role }) => role === "user");
      return messages.map((message, index) =>
        index === last ? { role: "user", content: fill(message.content, fields) } : message,
      );
    },
  };
}

function placeholderValue(name: string, prompt: string, fields: Fields): string {
  if (name === "prompt") return prompt;
  const value = valueAt(fields, name);
  if (value === undefined) return `{${name}}`;
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
