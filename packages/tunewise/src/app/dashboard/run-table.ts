/**
 * @file Reads a table that a W&B client logged as a file, page by page, with bounded names and cells. Cells other than
 * texts and numbers are named but not loaded.
 *
 * @source wandb/wandb wandb/sdk/data_types/table.py, Table.to_json; _dtypes.py
 */

import { parseJson } from "@tunewise/core/untrusted";
import { readLooseJson, type TrackedRun } from "@tunewise/tracker";
import { type ShownText, shownText } from "./bounds.ts";
import type { DashboardContext } from "./dashboard-context.ts";
import { findRunFile, type OpenRunFile } from "./run-files.ts";

/** A column. */
export interface TableColumn {
  readonly name: string;
  /** Whether every non-empty cell of the page holds a number. */
  readonly isNumber: boolean;
}

/** A page of a table; `null` is an empty cell. */
export interface ShownTable {
  readonly columns: readonly TableColumn[];
  /** Total number of columns. */
  readonly columnsTotal: number;
  readonly rows: readonly (readonly (ShownText | null)[])[];
  readonly total: number;
  /** What is not shown and why; `null` if everything is shown. */
  readonly note: string | null;
}

/** Range of rows. */
export interface TablePart {
  readonly offset: number;
  readonly limit: number;
}

/** Maximum bytes of a table. Parsing blocks other requests. */
const maxBytes = 16 * 1024 ** 2;
const maxColumns = 100;
const nameChars = 200;
const cellChars = 500;

/** Reads rows of a table by its file path. Returns `null` if the file does not exist. */
export async function readRunTable(
  context: DashboardContext,
  run: TrackedRun,
  path: string,
  part: TablePart,
): Promise<ShownTable | null> {
  const file = await findRunFile(context, run, path);
  if (!file) return null;
  if (/\.(partitioned|joined)-table\.json$/.test(path)) return linkedTable(await textOf(file));
  if (file.bytes > maxBytes) {
    const size = `${Math.round(file.bytes / 1e6)} MB`;
    return noTable(
      `It has ${size}, and the page shows tables of up to ${maxBytes / 1024 ** 2} MiB: download it.`,
    );
  }
  const text = await textOf(file);
  return text === null ? noTable("It cannot be read.") : tableFrom(jsonOf(text), part);
}

function noTable(note: string): ShownTable {
  return { columns: [], columnsTotal: 0, rows: [], total: 0, note };
}

/** Reads a file's text; `null` if it is too long or has been deleted. */
async function textOf({ bytes, open }: OpenRunFile): Promise<string | null> {
  const opened = bytes > maxBytes ? null : await open();
  if (!opened) return null;
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of opened.content) {
    length += (part as Buffer).length;
    if (length > maxBytes) {
      opened.content.destroy();
      return null;
    }
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Parses JSON with NaN and infinities, as these clients write them; `undefined` if it is not valid. */
function jsonOf(text: string): unknown {
  return readLooseJson(text, parseJson);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Describes a table whose rows are in other files. */
function linkedTable(text: string | null): ShownTable {
  const { parts_path: parts, table1, table2, join_key: key } = fieldsOf(text === null ? null : jsonOf(text));
  if (parts !== undefined)
    return noTable(`Its rows are parts of an artifact, in ${short(parts)}: they are not shown here.`);
  const joined = [nameOf(table1), nameOf(table2)].join(" and ");
  return noTable(
    `It joins ${joined} by ${short(key)}: the joined rows are not shown here, each table by itself is.`,
  );
}

function nameOf(table: unknown): string {
  return typeof table === "string" ? short(table) : short(fieldsOf(table)["path"] ?? "another table");
}

function tableFrom(value: unknown, { offset, limit }: TablePart): ShownTable {
  const { columns, data } = fieldsOf(value);
  if (!Array.isArray(columns) || !Array.isArray(data))
    return noTable("It is no table with columns and data.");
  const shown = columns.slice(0, maxColumns).map((name) => short(name));
  const rows = data.slice(offset, offset + limit).map((row: unknown) => {
    const cells: readonly unknown[] = Array.isArray(row) ? row : [];
    return shown.map((_, at) => cells[at] ?? null);
  });
  const isNumber = (at: number): boolean => {
    const cells = rows.flatMap((row) => (row[at] === null ? [] : [row[at]]));
    return cells.length > 0 && cells.every((cell) => typeof cell === "number" || isSpecial(cell));
  };
  const hidden = columns.length - shown.length;
  return {
    columns: shown.map((name, at) => ({ name, isNumber: isNumber(at) })),
    columnsTotal: columns.length,
    rows: rows.map((row) => row.map(cellOf)),
    total: data.length,
    note: hidden > 0 ? `${hidden} more columns are not shown.` : null,
  };
}

function isSpecial(cell: unknown): boolean {
  return cell === "NaN" || cell === "Infinity" || cell === "-Infinity";
}

function cellOf(cell: unknown): ShownText | null {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "string") return shownText(cell, cellChars);
  if (typeof cell !== "object") return shownText(String(cell), cellChars);
  const { _type: type, path } = fieldsOf(cell);
  if (typeof type === "string")
    return shownText(`[${type}${typeof path === "string" ? ` ${path}` : ""}]`, cellChars);
  return shownText(JSON.stringify(cell), cellChars);
}

function short(value: unknown): string {
  return shownText(typeof value === "string" ? value : String(JSON.stringify(value) ?? ""), nameChars).text;
}
