/** @file JSON and JSON Lines reader: one record per row. */
import { countOf } from "@tunewise/core/quantity";
import { parseJson } from "@tunewise/core/untrusted";
import { MAX_ROWS } from "../limits.ts";
import { linesOf } from "./lines.ts";
import { Outline } from "./outline.ts";
import { leavesOf, recordText } from "./record-text.ts";
import { cutNote, type Note, type Reading, refused } from "./source-document.ts";

/**
 * Reads rows of a JSON array, of the only array inside an object, or of JSON Lines. A value that is not an array is
 * one record.
 *
 * Lines that do not parse are skipped and counted in one note.
 */
export function readJson(text: string, name: string): Reading {
  const whole = /\.(?:jsonl|ndjson)$/i.test(name) ? undefined : parsed(text);
  if (whole !== undefined) return records(rowsIn(whole.value), "row");
  const rows: { value: unknown; number: number }[] = [];
  const bad: number[] = [];
  linesOf(text).forEach((line, at) => {
    if (line.trim() === "") return;
    const row = parsed(line);
    if (row === undefined) bad.push(at + 1);
    else rows.push({ value: row.value, number: at + 1 });
  });
  if (rows.length === 0 && bad.length > 0)
    return refused("DOCUMENT_UNREADABLE", { reason: "it contains no valid JSON" });
  const [first] = bad;
  return records(rows, "line", first === undefined ? [] : [unusable(bad.length, first, "not valid JSON")]);
}

/** `DOCUMENT_ROWS_UNUSABLE`, with the first such row. */
export function unusable(count: number, first: number, reason: string): Note {
  const about = { rows: count === 1 ? "1 row" : `${countOf(count, "row")}`, first, reason };
  return { code: "DOCUMENT_ROWS_UNUSABLE", severity: "warning", params: about, line: first, count };
}

function records(
  rows: readonly { value: unknown; number: number }[],
  unit: "row" | "line",
  notes: readonly Note[] = [],
): Reading {
  const outline = new Outline();
  for (const { value, number } of rows.slice(0, MAX_ROWS)) {
    const { title, text } = recordText(leavesOf(value));
    outline.record(title, text, { unit, number });
  }
  return outline.finish(rows.length > MAX_ROWS ? [...notes, cutNote("rows")] : notes);
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
}

function rowsIn(value: unknown): { value: unknown; number: number }[] {
  const list = Array.isArray(value) ? value : (onlyList(value) ?? [value]);
  return list.map((row: unknown, at) => ({ value: row, number: at + 1 }));
}

/** Returns the array of a wrapper such as `{"data": [{...}, ...], "version": 1}`. */
function onlyList(value: unknown): unknown[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const lists = Object.values(value).filter((one) => Array.isArray(one) && typeof one[0] === "object");
  return lists.length === 1 ? (lists[0] as unknown[]) : undefined;
}
