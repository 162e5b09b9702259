/**
 * @file Where the rows of a JSON document are: the document itself, or the one list inside it; and where each begins.
 */
import { isTurnList } from "./messages.ts";
import { isFields } from "./record.ts";
import type { RowInFile } from "./row-location.ts";

/** Keys under which exports put their rows, in the order they are tried. */
const rowsKeys = [
  ...["data", "rows", "examples", "instances", "records", "items", "samples", "entries", "dataset"],
  ...["train", "questions", "documents", "results", "result", "tasks", "conversations"],
];

/** The rows of a document; `key` is where the list stands, `null` for a document that is a list. */
export interface JsonRows {
  readonly key: string | null;
  readonly rows: readonly unknown[];
}

/** The rows of a parsed document, or `null` where it holds no list of them. */
export function rowsOfDocument(value: unknown): JsonRows | null {
  if (Array.isArray(value)) return { key: null, rows: value };
  if (!isFields(value)) return null;
  const lists = Object.entries(value).filter(([, list]) => isListOfRows(list));
  const known = rowsKeys.find((name) => lists.some(([key]) => key.toLowerCase() === name));
  const chosen =
    lists.find(([key]) => key.toLowerCase() === known) ?? (lists.length === 1 ? lists[0] : undefined);
  return chosen === undefined ? null : { key: chosen[0], rows: chosen[1] as unknown[] };
}

/** A list of objects that are no turns of one conversation: such a list is a field of a row, and no list of rows. */
function isListOfRows(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isFields) && !isTurnList(value);
}

/**
 * Where the rows of a valid JSON text begin.
 *
 * @param key of `JsonRows`; where a document has the key twice the last one counts, as in `JSON.parse`
 */
export function locateRows(text: string, key: string | null): RowInFile[] {
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

/** Offsets of the elements of the list; brackets within strings do not count. */
function elementStarts(text: string, key: string | null): number[] {
  const inside = key === null ? 1 : 2;
  let starts: number[] = [];
  let depth = 0;
  let inList = false;
  let expecting = false;
  let name = "";
  for (let at = 0; at < text.length; at++) {
    const mark = text[at] as string;
    if (isBlank(mark)) continue;
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

function isBlank(mark: string): boolean {
  return mark === " " || mark === "\n" || mark === "\t" || mark === "\r";
}

/** Index of the quote that ends a string begun at `from`. */
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
