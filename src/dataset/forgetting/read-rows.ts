/**
 * @file Rows of a material file: lines of JSON, or plain text in blocks or lines; what cannot be used is listed.
 */
import { problem } from "../../problem/index.ts";
import { type Complaint, type Complaints, collectComplaints } from "../complaint.ts";
import { readJsonl } from "../jsonl.ts";
import { MAX_FIELD_LENGTH } from "../limits.ts";
import { isComplaint, textOf } from "../messages.ts";
import { type Fields, fieldOf } from "../record.ts";
import { lineEnds, readRecords } from "../records.ts";
import type { PlacedText, ReadMaterial } from "./material.ts";

/** Most items of one file; a measurement uses a few hundred. */
const MAX_ITEMS = 100_000;

/** Makes an item of a row's fields, or says why it cannot. */
export type ItemReader<Item> = (fields: Fields, line: number) => Item | Complaint;

/**
 * The items of a file of JSON lines; rows that hold none are warnings.
 *
 * @param what plural noun for the message about an empty file
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` where not one row can be used, and those of `readRecords`
 */
export async function readItems<Item extends object>(
  path: string,
  shown: string,
  what: string,
  read: ItemReader<Item>,
): Promise<ReadMaterial<Item>> {
  const complaints = collectComplaints("warning");
  const items: Item[] = [];
  for await (const batch of readJsonl(path, shown)) {
    for (const row of batch) {
      const item = "fields" in row ? read(row.fields, row.at.line ?? row.at.row) : row.complaint;
      if (isComplaint(item)) complaints.add(item, { file: shown, ...row.at });
      else if (items.length < MAX_ITEMS) items.push(item);
    }
  }
  return demandItems(items, complaints, shown, what);
}

/**
 * The texts of a plain file.
 *
 * @param unit `blocks`: paragraphs, which empty lines part · `lines`: each line by itself
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` where there is no text, and those of `readRecords`
 */
export async function readPlainTexts(
  path: string,
  shown: string,
  what: string,
  unit: "blocks" | "lines",
): Promise<ReadMaterial<PlacedText>> {
  const complaints = collectComplaints("warning");
  const items: PlacedText[] = [];
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
        complaints.add(record.complaint, { file: shown, line: record.line });
        continue;
      }
      // empty lines are no records, so a gap between lines ends a block
      const goesOn: boolean = unit === "blocks" && block !== null && record.line === block.last + 1;
      if (!goesOn || record.text.trim() === "") close();
      if (record.text.trim() === "") continue;
      block ??= { line: record.line, last: record.line, parts: [] };
      block.parts.push(record.text);
      block.last = record.line;
    }
  }
  close();
  return demandItems(items, complaints, shown, what);
}

/** A field that holds text which is not empty, or why it does not. */
export function filledText(fields: Fields, name: string, loose = false): string | Complaint {
  const text = textOf(fieldOf(fields, name), name, loose);
  if (typeof text !== "string" || text.trim() !== "") return text;
  return { code: "DATA_FIELD_MISSING", reason: `${name} is empty` };
}

function demandItems<Item>(
  items: readonly Item[],
  complaints: Complaints,
  file: string,
  what: string,
): ReadMaterial<Item> {
  const findings = complaints.findings();
  if (items.length > 0) return { items, findings };
  const reason = findings[0]?.detail ?? "it is empty";
  throw problem("FORGETTING_FILE_EMPTY", { file, what, reason });
}
