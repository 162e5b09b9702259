/**
 * @file Reads one data file of any known kind into examples, and lists the rows it cannot use.
 */
import { type Finding, findingOf, type Place, problem, type Severity } from "../problem/index.ts";
import { type Complaint, type Complaints, collectComplaints } from "./complaint.ts";
import {
  type Container,
  type DetectedFormat,
  detectContainer,
  detectFormat,
  detectUntrainable,
  type UntrainableRows,
  usualColumns,
} from "./detect.ts";
import type { Example, Message } from "./example.ts";
import { valueAt } from "./field-path.ts";
import { type ColumnPair, converterOf, type RowConverter, type RowFormat } from "./formats.ts";
import { MAX_ROWS } from "./limits.ts";
import { isComplaint } from "./messages.ts";
import { type OriginColumns, originOf } from "./origin.ts";
import { type PromptTemplate, readPromptTemplate } from "./prompt-template.ts";
import type { Fields } from "./record.ts";
import { columnsOf, sourceOf } from "./row-source.ts";

/** How the rows of a file are to be understood; the names are those of the recipe's data section. */
export interface ReadOptions extends OriginColumns {
  readonly format: "auto" | RowFormat;
  /** For `table`: the columns of prompt and completion. */
  readonly columns: ColumnPair | null;
  /** System message put before every row that has none; `null`: none. */
  readonly system: string | null;
  /** Text around the prompt; `{prompt}` and any `{column}` are replaced. */
  readonly promptTemplate: string;
  /** `error` makes findings about unusable rows block a run, `skip` makes them warnings. */
  readonly badRows: "error" | "skip";
}

/** The usable rows of a file and what is to be said about the others. */
export interface ReadResult {
  readonly examples: readonly Example[];
  readonly findings: readonly Finding[];
  /** Why a record is no example, by its number in the file; records that could not be read at all are not among them. */
  readonly unusable: ReadonlyMap<number, Complaint>;
}

/**
 * The examples of one file: JSONL, JSON array, CSV, TSV or Parquet, told by content.
 *
 * One bad row never ends the reading and is never passed over in silence: each code that came up gives one
 * finding with its count and first places. Findings: `DATA_JSON_INVALID`, `DATA_ROW_NOT_OBJECT`,
 * `DATA_LINE_TOO_LONG`, `DATA_UTF8_INVALID`, `DATA_CSV_INVALID`, `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`,
 * `DATA_FIELD_TOO_LONG`, `DATA_TEXT_INVALID`, `DATA_ROLE_UNKNOWN`, `DATA_TOOL_CALLS`, `DATA_ANSWER_MISSING`,
 * `DATA_ANSWER_EMPTY`, `DATA_PROMPT_EMPTY`, `DATA_PLACEHOLDER_UNKNOWN`, and the note `DATA_FORMAT_DETECTED`.
 *
 * @param path the file to open
 * @param shown the file as given in the recipe; examples and messages carry it
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`,
 * `DATA_FORMAT_UNKNOWN`, `DATA_PREFERENCE_PAIRS`, `DATA_TEXT_ONLY`, `DATA_COLUMN_MISSING`
 */
export async function readExamples(path: string, shown: string, options: ReadOptions): Promise<ReadResult> {
  const container = await detectContainer(path, shown);
  const severity: Severity = options.badRows === "error" ? "error" : "warning";
  const complaints = collectComplaints(severity);
  const template = readPromptTemplate(options.promptTemplate);
  const examples: Example[] = [];
  const unusable = new Map<number, Complaint>();
  let settled: (DetectedFormat & { readonly convert: RowConverter }) | null = null;
  let rows = 0;
  for await (const batch of sourceOf(container, path, shown, columnsOf(options.columns))) {
    rows += batch.length;
    if (rows > MAX_ROWS) {
      throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: `it has more than ${MAX_ROWS} rows` });
    }
    for (const row of batch) {
      const place = { file: shown, ...row.at };
      if (!("fields" in row)) {
        complaints.add(row.complaint, place);
        continue;
      }
      if (settled === null) {
        const found = settleFormat(row.fields, container, options, shown);
        settled = { ...found, convert: converterOf(found.format, found.columns) };
      }
      const messages = convertRow(row.fields, settled.convert, options.system, template);
      if (isComplaint(messages)) {
        complaints.add(messages, place);
        unusable.set(row.at.row, messages);
      } else examples.push({ messages, file: shown, ...row.at, ...originOf(row.fields, options) });
      noteUnknownPlaceholder(row.fields, template, complaints, place);
    }
  }
  const findings = [...complaints.findings(), ...absentColumns(shown, examples, options)];
  if (settled !== null && options.format === "auto") {
    findings.unshift(detectedNote(shown, container, settled, options));
  }
  return { examples, findings, unusable };
}

/** A column of the recipe that not one row has a value in. */
function absentColumns(
  file: string,
  examples: readonly Example[],
  { group, time }: OriginColumns,
): Finding[] {
  const absent = [
    ...(group !== null && examples.every((one) => one.group === undefined) ? [`group: ${group}`] : []),
    ...(time !== null && examples.every((one) => one.time === undefined) ? [`time: ${time}`] : []),
  ];
  return absent.map((column) =>
    findingOf("DATA_ORIGIN_UNKNOWN", "warning", { file, column }, [{ file }], examples.length),
  );
}

/** The format by the recipe, or by the first row's fields where the recipe leaves it open. */
function settleFormat(
  fields: Fields,
  container: Container,
  options: ReadOptions,
  shown: string,
): DetectedFormat {
  const { format, columns } = options;
  const detected = detectFormat(fields);
  if (format === "chat" || format === "instruction") return { format, columns: usualColumns };
  if (columns !== null) {
    // A table's header speaks for all rows; in JSONL each row speaks for itself.
    const missing = [columns.prompt, columns.completion].find((name) => valueAt(fields, name) === undefined);
    if (missing !== undefined && (container.kind === "table" || container.kind === "parquet")) {
      throw problem("DATA_COLUMN_MISSING", { file: shown, column: missing, columns: namesOf(fields) });
    }
    return { format: format === "auto" ? "table" : format, columns };
  }
  if (format === "prompt-completion") {
    return { format, columns: detected?.format === format ? detected.columns : usualColumns };
  }
  if (format === "table" && detected?.format === "prompt-completion") return { ...detected, format };
  const other = detectUntrainable(fields);
  if (format === "auto" && other !== null && detected?.format !== "chat") throw untrainable(shown, other);
  if (detected === null || format === "table") {
    throw problem("DATA_FORMAT_UNKNOWN", { file: shown, columns: namesOf(fields) });
  }
  return detected;
}

/** What rows of another kind of training are, and how to take of them what can be trained on. */
function untrainable(file: string, rows: UntrainableRows): Error {
  if (rows.kind === "text-only") return problem("DATA_TEXT_ONLY", { file, column: rows.text });
  const { chosen, rejected, prompt } = rows;
  return problem("DATA_PREFERENCE_PAIRS", { file, chosen, rejected, prompt: prompt ?? "PROMPT" });
}

function namesOf(fields: Fields): string {
  const names = Object.keys(fields);
  const more = names.length > 12 ? `, and ${names.length - 12} more` : "";
  return names.slice(0, 12).join(", ").slice(0, 400) + more;
}

/** The row's messages with system message and prompt template, or why it cannot be used. */
function convertRow(
  fields: Fields,
  convert: RowConverter,
  system: string | null,
  template: PromptTemplate,
): readonly Message[] | Complaint {
  const read = convert(fields);
  if (isComplaint(read)) return read;
  const unusable = judgeTurns(read);
  if (unusable !== null) return unusable;
  const messages = template.apply(read, fields);
  if (system === null || messages[0]?.role === "system") return messages;
  return [{ role: "system", content: system }, ...messages];
}

function judgeTurns(messages: readonly Message[]): Complaint | null {
  const answer = messages.at(-1);
  if (answer === undefined) return { code: "DATA_ANSWER_MISSING", reason: "has no messages" };
  if (answer.role !== "assistant") {
    return { code: "DATA_ANSWER_MISSING", reason: `ends with a turn of ${answer.role}, not of assistant` };
  }
  if (answer.content.trim() === "") return { code: "DATA_ANSWER_EMPTY", reason: "the answer is empty" };
  const asked = messages.slice(0, -1).some(({ role, content }) => role !== "system" && content.trim() !== "");
  return asked ? null : { code: "DATA_PROMPT_EMPTY", reason: "the answer stands behind no prompt" };
}

function noteUnknownPlaceholder(
  fields: Fields,
  template: PromptTemplate,
  complaints: Complaints,
  place: Place,
): void {
  const unknown = template.columns.find((name) => valueAt(fields, name) === undefined);
  if (unknown === undefined) return;
  const reason = `has no column ${unknown}, which prompt_template names`;
  complaints.add({ code: "DATA_PLACEHOLDER_UNKNOWN", reason }, place, "warning");
}

function detectedNote(
  file: string,
  container: Container,
  { format, columns }: DetectedFormat,
  options: ReadOptions,
): Finding {
  const pair = format === "prompt-completion" || format === "table";
  const what = pair ? `${format} (${columns.prompt} -> ${columns.completion})` : format;
  const kind = container.kind === "table" ? "table" : container.kind.toUpperCase();
  const from = options.columns === null ? "by its fields" : "by data.columns";
  return findingOf("DATA_FORMAT_DETECTED", "note", { file, kind, format: what, from }, [{ file }], 1);
}
