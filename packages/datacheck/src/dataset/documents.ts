/** @file Reads a text file as documents: the whole file, its paragraphs, or its lines. */
import { isUtf8 } from "node:buffer";
import type { Compression } from "@tunewise/core/format";
import { MAX_FIELD_LENGTH } from "./limits.ts";
import { readEntireFile } from "./open-file.ts";
import { type RawRow, type RowSource, rowOf } from "./record.ts";
import { lineEnds, readRecords } from "./records.ts";
import type { TextEncoding } from "./text-encoding.ts";
import { readUnpackedFile } from "./unpack.ts";

/**
 * What a text file contains: one document, a document per paragraph (between blank lines), or one per line.
 *
 * @source named as in huggingface/datasets src/datasets/packaged_modules/text/text.py, version 5.2
 */
export type SampleBy = "document" | "paragraph" | "line";

/** The field of a document's text. */
export const documentField = "text";

/** Max. bytes of a text file that is read as a whole: the longest field, in an encoding of four bytes. */
const MAX_DOCUMENT_BYTES: number = 4 * MAX_FIELD_LENGTH;

/** How the text of a file is stored, and what it contains. */
interface DocumentForm {
  readonly encoding: TextEncoding;
  readonly compression: Compression | null;
  readonly sampleBy: SampleBy;
}

/**
 * Reads the documents of a file. Paragraphs and lines without text are skipped; the text of others is unchanged,
 * without the line breaks around it.
 *
 * Issues: `DATA_UTF8_INVALID`, `DATA_LINE_TOO_LONG`.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readDocuments(path: string, shown: string, form: DocumentForm): RowSource {
  if (form.sampleBy === "document") yield [await wholeFile(path, shown, form)];
  else yield* form.sampleBy === "line" ? linesOf(path, shown, form) : paragraphsOf(path, shown, form);
}

async function wholeFile(path: string, shown: string, form: DocumentForm): Promise<RawRow> {
  const { encoding, compression } = form;
  const bytes =
    compression === null
      ? await readEntireFile(path, shown, MAX_DOCUMENT_BYTES)
      : await readUnpackedFile(path, shown, compression, MAX_DOCUMENT_BYTES);
  const at = { row: 1, line: 1 };
  if (encoding === "utf-8" && !isUtf8(bytes))
    return { at, issue: { code: "DATA_UTF8_INVALID", reason: "contains bytes that are not UTF-8" } };
  // the decoder drops a byte order mark
  return rowOf(at, { [documentField]: new TextDecoder(encoding).decode(bytes) });
}

async function* linesOf(
  path: string,
  shown: string,
  form: DocumentForm,
): RowSource & AsyncGenerator<RawRow[]> {
  let row = 0;
  for await (const records of readRecords(path, shown, lineEnds(), form)) {
    const rows: RawRow[] = [];
    for (const record of records) {
      if ("text" in record && record.text.trim() === "") continue;
      row++;
      const at = { row, line: record.line };
      rows.push("text" in record ? rowOf(at, { [documentField]: record.text }) : { at, issue: record.issue });
    }
    if (rows.length > 0) yield rows;
  }
}

/** A paragraph that is being read. */
interface Paragraph {
  readonly lines: string[];
  first: number;
  /** Line number of the last line, and the length so far. */
  last: number;
  length: number;
}

async function* paragraphsOf(
  path: string,
  shown: string,
  form: DocumentForm,
): RowSource & AsyncGenerator<RawRow[]> {
  let row = 0;
  let open: Paragraph = { lines: [], first: 0, last: 0, length: 0 };
  const close = (): RawRow[] => {
    const { lines, first } = open;
    open = { lines: [], first: 0, last: 0, length: 0 };
    return lines.length === 0
      ? []
      : [rowOf({ row: ++row, line: first }, { [documentField]: lines.join("\n") })];
  };
  for await (const records of readRecords(path, shown, lineEnds(), form)) {
    const rows: RawRow[] = [];
    for (const record of records) {
      // empty lines are not records, so a gap in the line numbers is a blank line
      if (record.line > open.last + 1) rows.push(...close());
      if (!("text" in record)) {
        rows.push(...close(), { at: { row: ++row, line: record.line }, issue: record.issue });
      } else if (record.text.trim() === "") rows.push(...close());
      else if (open.length + record.text.length > MAX_FIELD_LENGTH) {
        const reason = `a paragraph has more than ${MAX_FIELD_LENGTH} characters`;
        rows.push({ at: { row: ++row, line: record.line }, issue: { code: "DATA_FIELD_TOO_LONG", reason } });
      } else {
        if (open.lines.length === 0) open.first = record.line;
        open.lines.push(record.text);
        open.length += record.text.length + 1;
      }
      open.last = record.line;
    }
    if (rows.length > 0) yield rows;
  }
  const rest = close();
  if (rest.length > 0) yield rest;
}
