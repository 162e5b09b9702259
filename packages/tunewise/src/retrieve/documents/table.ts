/** @file CSV and TSV reader: one record per row below the header. */
import { likelySeparator, splitTableRow, tableRowEnds } from "@tunewise/datacheck/dataset";
import { MAX_ROWS } from "../limits.ts";
import { unusable } from "./json.ts";
import { Outline } from "./outline.ts";
import { recordText } from "./record-text.ts";
import { cutNote, type Reading, refused } from "./source-document.ts";

/**
 * Reads the rows of a table; numbers count from 1 below the header. Cells beyond the header have no name;
 * unreadable rows are skipped and counted in one note.
 *
 * @source RFC 4180, section 2
 */
export function readTable(text: string, name: string): Reading {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const separator = /\.(?:tsv|tab)$/i.test(name) ? "\t" : likelySeparator(head);
  const [first = "", ...rows] = rowsOf(text, separator);
  const header = splitTableRow(first, separator);
  if (typeof header === "string")
    return refused("DOCUMENT_UNREADABLE", { reason: `the header line ${header}` });
  const outline = new Outline();
  const bad: { number: number; reason: string }[] = [];
  rows.slice(0, MAX_ROWS).forEach((row, at) => {
    if (row.trim() === "") return;
    const number = at + 1;
    const cells = splitTableRow(row, separator);
    if (typeof cells === "string") bad.push({ number, reason: cells });
    else {
      const record = recordText(cells.map((cell, column) => [header[column]?.trim() ?? "", cell] as const));
      if (record.title !== "" || record.text !== "")
        outline.record(record.title, record.text, { unit: "row", number });
    }
  });
  const [worst] = bad;
  const notes = worst === undefined ? [] : [unusable(bad.length, worst.number, worst.reason)];
  return outline.finish(rows.length > MAX_ROWS ? [...notes, cutNote("rows")] : notes);
}

/** Maximum number of restarts after an unclosed quote; each scans the rest again. */
const maxUnclosed = 100;

/** Splits rows; an unclosed quote spoils only its own line, not all lines after it. */
function rowsOf(text: string, separator: string): string[] {
  const bytes = Buffer.from(text);
  const rows: string[] = [];
  let ends = tableRowEnds(separator);
  let unclosed = 0;
  for (let start = 0; start < bytes.length; ) {
    let end = ends.next(bytes, start);
    if (end < 0) {
      ends = tableRowEnds(separator);
      const line = bytes.indexOf(0x0a, start);
      end = line < 0 || unclosed++ === maxUnclosed ? bytes.length : line;
    }
    rows.push(bytes.toString("utf8", start, end).replace(/\r$/, ""));
    start = end + 1;
  }
  return rows;
}
