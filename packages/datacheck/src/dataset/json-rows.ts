/** @file Reads the rows of a JSON file, an array of objects or an object that contains one, and locates each row. */

import { isUtf8 } from "node:buffer";
import type { Compression } from "@tunewise/core/format";
import type { RowInFile } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import { jsonReason } from "./jsonl.ts";
import { MAX_LOADED_FILE_BYTES } from "./limits.ts";
import { isTurnList } from "./messages.ts";
import { readEntireFile } from "./open-file.ts";
import { isFields, kindOf, type RawRow, rowOf } from "./record.ts";
import type { TextEncoding } from "./text-encoding.ts";
import { readUnpackedFile } from "./unpack.ts";

/** Common keys of the list of rows, in order of precedence. */
const rowsKeys = [
  ...["data", "rows", "examples", "instances", "records", "items", "samples", "entries", "dataset"],
  ...["train", "questions", "documents", "results", "result", "tasks", "conversations"],
];

/** Rows of a document; `key` is the key of the list, or `null` if the document itself is the list. */
interface JsonRows {
  readonly key: string | null;
  readonly rows: readonly unknown[];
}

/** Finds the rows of a parsed document, or returns `null`. */
export function rowsOfDocument(value: unknown): JsonRows | null {
  if (Array.isArray(value)) return { key: null, rows: value };
  if (!isFields(value)) return null;
  const lists = Object.entries(value).filter(([, list]) => isListOfRows(list));
  const known = rowsKeys.find((name) => lists.some(([key]) => key.toLowerCase() === name));
  const chosen =
    lists.find(([key]) => key.toLowerCase() === known) ?? (lists.length === 1 ? lists[0] : undefined);
  return chosen === undefined ? null : { key: chosen[0], rows: chosen[1] as unknown[] };
}

/** Whether the value is a list of objects that is not a conversation, since a conversation is a field of a row. */
function isListOfRows(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isFields) && !isTurnList(value);
}

/**
 * Locates the rows of a valid JSON text.
 *
 * @param key see `JsonRows`. The last of duplicate keys counts, as in `JSON.parse`
 */
function locateRows(text: string, key: string | null): RowInFile[] {
  let line = 1;
  let lineStart = 0;
  let scanned = 0;
  let lastLine = 0;
  return elementStarts(text, key).map((start, index) => {
    for (let at = text.indexOf("\n", scanned); at >= 0 && at < start; at = text.indexOf("\n", at + 1)) {
      line++;
      lineStart = at + 1;
    }
    scanned = start;
    const isShared = line === lastLine;
    lastLine = line;
    return { row: index + 1, line, ...(isShared ? { column: start - lineStart + 1 } : {}) };
  });
}

/** Offsets of the elements of the list; brackets within strings are skipped. */
function elementStarts(text: string, key: string | null): number[] {
  const inside = key === null ? 1 : 2;
  let starts: number[] = [];
  let depth = 0;
  let inList = false;
  let expecting = false;
  let name = "";
  for (let at = 0; at < text.length; at++) {
    const mark = text[at] as string;
    if (" \n\t\r".includes(mark)) continue;
    if (inList && expecting && depth === inside && mark !== "]") {
      starts.push(at);
      expecting = false;
    }
    if (mark === '"') {
      const end = stringEnd(text, at);
      if (depth === 1 && !inList) name = text.slice(at, end + 1);
      at = end;
    } else if (mark === "[" || mark === "{") {
      depth++;
      const opens = mark === "[" && depth === inside && (key === null || JSON.parse(name || '""') === key);
      if (opens) [inList, expecting, starts] = [true, true, []];
    } else if (mark === "]" || mark === "}") {
      if (depth === inside) inList = false;
      depth--;
    } else if (mark === "," && depth === inside) expecting = inList;
  }
  return starts;
}

/** Index of the closing quote of the string that starts at `from`. */
function stringEnd(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (at >= 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

/**
 * Reads the rows of a JSON file and their lines. The entire file is in memory, so its size limit is below that of
 * JSONL.
 *
 * @throws {TunewiseError} `DATA_FILE_UNREADABLE` if the file is not JSON or contains no list of rows; see also
 * `readEntireFile`
 */
export async function* readJsonArray(
  path: string,
  shown: string,
  encoding: TextEncoding = "utf-8",
  compression: Compression | null = null,
): AsyncGenerator<RawRow[]> {
  const bytes =
    compression === null
      ? await readEntireFile(path, shown, MAX_LOADED_FILE_BYTES)
      : await readUnpackedFile(path, shown, compression, MAX_LOADED_FILE_BYTES);
  if (encoding === "utf-8" && !isUtf8(bytes)) {
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: "it contains bytes that are not UTF-8" });
  }
  const text = new TextDecoder(encoding).decode(bytes);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = `it is not valid JSON (${jsonReason(cause)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  }
  const found = rowsOfDocument(value);
  if (found === null) {
    throw problem("DATA_FILE_UNREADABLE", {
      file: shown,
      reason: `it is ${kindOf(value)}, not a list of rows`,
    });
  }
  const places = locateRows(text, found.key);
  yield found.rows.map((row, index) => rowOf(places[index] ?? { row: index + 1 }, row));
}
