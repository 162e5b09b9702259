/** @file Reads items from JSON Lines, or from plain text by paragraph or line, and reports unusable rows. */
import { problem } from "../../problem/index.ts";
import { readJsonl } from "../jsonl.ts";
import { MAX_FIELD_LENGTH } from "../limits.ts";
import { isRowIssue, textOf } from "../messages.ts";
import { type Fields, fieldOf } from "../record.ts";
import { lineEnds, readRecords } from "../records.ts";
import { collectRowIssues, type RowIssue, type RowIssues } from "../row-issue.ts";
import type { LocatedText, ReadItems } from "./prompts.ts";

/** Max. items of a file; a measurement uses a few hundred. */
const MAX_ITEMS = 100_000;

/** Converts the fields of a row into an item, or returns the issue that prevents it. */
export type ItemReader<Item> = (fields: Fields, line: number) => Item | RowIssue;

/**
 * Reads the items of a JSON Lines file; unusable rows become warnings.
 *
 * @param what plural noun for the message about an empty file
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` if no row is usable; see also `readRecords`
 */
export async function readItems<Item extends object>(
  path: string,
  shown: string,
  what: string,
  read: ItemReader<Item>,
): Promise<ReadItems<Item>> {
  const issues = collectRowIssues("warning");
  const items: Item[] = [];
  for await (const batch of readJsonl(path, shown)) {
    for (const row of batch) {
      const item = "fields" in row ? read(row.fields, row.at.line ?? row.at.row) : row.issue;
      if (isRowIssue(item)) issues.add(item, { file: shown, ...row.at });
      else if (items.length < MAX_ITEMS) items.push(item);
    }
  }
  return demandItems(items, issues, shown, what);
}

/**
 * Reads the texts of a plain text file.
 *
 * @param unit `blocks`: paragraphs separated by blank lines · `lines`: one text per line
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` if there is no text; see also `readRecords`
 */
export async function readPlainTexts(
  path: string,
  shown: string,
  what: string,
  unit: "blocks" | "lines",
): Promise<ReadItems<LocatedText>> {
  const issues = collectRowIssues("warning");
  const items: LocatedText[] = [];
  let block: { line: number; last: number; parts: string[] } | null = null;
  const close = (): void => {
    const text = block?.parts.join("\n").trim() ?? "";
    if (block && text !== "" && text.length <= MAX_FIELD_LENGTH && items.length < MAX_ITEMS)
      items.push({ text, line: block.line });
    block = null;
  };
  for await (const records of readRecords(path, shown, lineEnds())) {
    for (const record of records) {
      if (!("text" in record)) {
        issues.add(record.issue, { file: shown, line: record.line });
        continue;
      }
      // blank lines are not records, so a gap in line numbers ends a block
      const goesOn: boolean = unit === "blocks" && block !== null && record.line === block.last + 1;
      if (!goesOn || record.text.trim() === "") close();
      if (record.text.trim() === "") continue;
      block ??= { line: record.line, last: record.line, parts: [] };
      block.parts.push(record.text);
      block.last = record.line;
    }
  }
  close();
  return demandItems(items, issues, shown, what);
}

/** Returns a non-empty text field, or the issue that prevents it. */
export function filledText(fields: Fields, name: string, loose = false): string | RowIssue {
  const text = textOf(fieldOf(fields, name), name, loose);
  if (typeof text !== "string" || text.trim() !== "") return text;
  return { code: "DATA_FIELD_MISSING", reason: `${name} is empty` };
}

function demandItems<Item>(
  items: readonly Item[],
  issues: RowIssues,
  file: string,
  what: string,
): ReadItems<Item> {
  const findings = issues.findings();
  if (items.length > 0) return { items, findings };
  const reason = findings[0]?.detail ?? "it is empty";
  throw problem("FORGETTING_FILE_EMPTY", { file, what, reason });
}
